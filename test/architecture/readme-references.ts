import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import ts from 'typescript';

/** A `file.ts#method` that a README names. */
export interface Reference {
  readme: string;
  file: string;
  method: string;
}

const REFERENCE = /`([\w./-]+\.ts)#(\w+)(?:\(\))?`/g;

export function referencesIn(readme: string, text: string): Reference[] {
  return [...text.matchAll(REFERENCE)].map(([, file = '', method = '']) => ({ readme, file, method }));
}

/**
 * The file a README means: beside it, under src or under the root, or the only source of that name. Null when there is
 * none, or more than one.
 */
export function resolveReference(root: string, { readme, file }: Reference, sources: readonly string[]): string | null {
  const near = [dirname(readme), 'src', '.']
    .map((folder) => join(folder, file))
    .find((path) => existsSync(join(root, path)));
  if (near !== undefined) return near;
  const named = sources.filter((source) => basename(source) === file);
  return named.length === 1 ? (named[0] ?? null) : null;
}

/** Methods and functions a source declares, whatever holds them. */
export function methodsOf(path: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const named = ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isGetAccessor(node);
    if (named && node.name && ts.isIdentifier(node.name)) names.add(node.name.text);
    const holdsFunction =
      (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) &&
      node.initializer !== undefined &&
      (ts.isArrowFunction(node.initializer) || ts.isFunctionExpression(node.initializer));
    if (holdsFunction && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, false));
  return names;
}

/** What is wrong with a reference, in one line, or null. */
export function faultOf(root: string, reference: Reference, sources: readonly string[]): string | null {
  const where = `${reference.readme}: ${reference.file}#${reference.method}`;
  const path = resolveReference(root, reference, sources);
  if (path === null) return `${where}: no such file, or several of that name`;
  return methodsOf(join(root, path)).has(reference.method) ? null : `${where}: no such method`;
}
