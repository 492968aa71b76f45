import { PlantedTree } from './planted-tree';
import { lint, type LintFinding } from './tools';

const lines = (count: number) => Array.from({ length: count }, (_, i) => `export const line${i} = ${i};`).join('\n');

/** One file for each rule that keeps the code honest: [rule, file, text]. */
const planted: [rule: string, file: string, text: string][] = [
  ['@typescript-eslint/no-explicit-any', 'src/any.ts', 'export const it = (value: any) => Boolean(value);'],
  ['@typescript-eslint/consistent-type-assertions', 'src/as.ts', 'export const it = JSON.parse("1") as number;'],
  ['@typescript-eslint/consistent-type-assertions', 'src/unknown.ts', 'export const it = 1 as unknown as string;'],
  ['@typescript-eslint/no-non-null-assertion', 'src/bang.ts', 'export const it = [1].at(0)!;'],
  ['@typescript-eslint/no-unsafe-argument', 'src/unsafe.ts', 'export const it = parseInt(JSON.parse("1"), 10);'],
  ['@typescript-eslint/no-unsafe-return', 'src/parsed.ts', 'export const it = (): number => JSON.parse("1");'],
  ['@typescript-eslint/no-floating-promises', 'src/floating.ts', 'export const it = () => { Promise.resolve(1); };'],
  [
    '@typescript-eslint/no-misused-promises',
    'src/misused.ts',
    'export const it = (all: number[]) => all.forEach(async (one) => { await Promise.resolve(one); });',
  ],
  [
    '@typescript-eslint/switch-exhaustiveness-check',
    'src/switch.ts',
    'export function it(kind: "a" | "b") { switch (kind) { case "a": return 1; } return 2; }',
  ],
  [
    '@typescript-eslint/return-await',
    'src/return.ts',
    'export async function it(a: Promise<1>) { try { return a; } catch { return 2; } }',
  ],
  ['@typescript-eslint/only-throw-error', 'src/throw.ts', 'export const it = () => { throw "text"; };'],
  ['no-console', 'src/console.ts', 'console.log("hello");\nexport {};'],
  ['max-lines', 'src/long.ts', lines(251)],
  ['no-restricted-imports', 'src/barrel/user.ts', "import { it } from './index';\nexport const its = it;"],
  ['no-restricted-imports', 'src/barrel/js.ts', "import { it } from '../barrel/index.js';\nexport const its = it;"],
  ['no-restricted-imports', 'src/barrel/folder.ts', "import { it } from '.';\nexport const its = it;"],
  ['@typescript-eslint/no-explicit-any', 'test/any.ts', 'export const it = (value: any) => Boolean(value);'],
  [
    '@typescript-eslint/no-floating-promises',
    'test/floating.spec.ts',
    'export const it = () => { Promise.resolve(1); };',
  ],
  ['@typescript-eslint/consistent-type-assertions', 'migrations/as.ts', 'export const it = JSON.parse("1") as number;'],
  ['no-undef', 'local/undefined.mjs', 'export const it = there;'],
  ['no-unused-vars', 'bench/unused.mjs', 'const it = 1;'],
  ['eqeqeq', 'local/equal.mjs', 'export const it = process.pid == 1;'],
];

/** What the framework needs, and what the rules must not get in the way of. */
const allowed: [file: string, text: string][] = [
  ['src/barrel/index.ts', 'export const it = 1;'],
  ['src/const.ts', 'export const it = { a: 1 } as const;'],
  ['src/full.ts', `${lines(250)}\n\n// A comment, and a blank line before it, do not count.`],
  ['src/empty.module.ts', "import { Module } from '@nestjs/common';\n\n@Module({})\nexport class EmptyModule {}"],
  [
    'src/injected.service.ts',
    "import { Injectable } from '@nestjs/common';\nimport { Reflector } from '@nestjs/core';\n\n" +
      '@Injectable()\nexport class Injected {\n  constructor(private readonly reflector: Reflector) {}\n\n' +
      '  it(): boolean {\n    return Boolean(this.reflector);\n  }\n}',
  ],
  ['local/said.mjs', "console.log('the local stack talks to people');"],
];

describe('the lint', () => {
  let tree: PlantedTree;
  let findings: LintFinding[];

  beforeAll(() => {
    tree = new PlantedTree(
      Object.fromEntries([...planted.map(([, file, text]): [string, string] => [file, text]), ...allowed]),
    );
    findings = lint(tree.root);
  }, 90_000);

  afterAll(() => tree.remove());

  it.each(planted)('finds %s in %s', (rule, file) => {
    expect(findings.filter((finding) => finding.file === file).map((finding) => finding.rule)).toContain(rule);
  });

  it.each(allowed)('leaves %s alone', (file) => {
    expect(findings.filter((finding) => finding.file === file)).toEqual([]);
  });
});
