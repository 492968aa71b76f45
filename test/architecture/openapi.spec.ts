import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROBLEMS } from '../../src/common/problem.codes';
import { isObject, operationsOf, textsIn, visit, type Json } from '../../src/http/openapi/json';
import { ROOT } from './planted-tree';

const COMMITTED = join(ROOT, 'clients/openapi.json');

function run(script: string, ...args: string[]): { code: number | null; output: string; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, script), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  });
  return { code: status, output: stdout, text: stdout + stderr };
}

function documentIn(text: string): Json {
  const document: unknown = JSON.parse(text);
  if (!isObject(document)) throw new Error('not a document');
  return document;
}

/** Objects and choices that are written out more than once, and objects of which nothing is known. */
function faultsOfSchemas(document: Json): string[] {
  const seen = new Map<string, number>();
  const faults: string[] = [];
  visit(document, (found) => {
    const isChoice = Array.isArray(found['enum']) && found['enum'].length > 1;
    const isShape = found['type'] === 'object' && isObject(found['properties']);
    if (isChoice) seen.set(JSON.stringify(found['enum']), (seen.get(JSON.stringify(found['enum'])) ?? 0) + 1);
    if (found['type'] === 'object' && !isShape && !isObject(found['additionalProperties'])) {
      faults.push(`says nothing of its fields: ${JSON.stringify(found)}`);
    }
    if (found['additionalProperties'] === true) faults.push(`holds anything: ${JSON.stringify(found)}`);
    if ('nullable' in found) faults.push(`is OpenAPI 3.0: ${JSON.stringify(found)}`);
  });
  for (const [choice, times] of seen) if (times > 1) faults.push(`is written out ${times} times: ${choice}`);
  return faults;
}

describe('the OpenAPI document', () => {
  const committed = readFileSync(COMMITTED, 'utf8');
  const document = documentIn(committed);
  const operations = operationsOf(document);

  it('is the one that the code describes: else `npm run openapi`', () => {
    const { code, output, text } = run('dist/src/cli.js', 'openapi');
    expect(code === 0 ? '' : text).toBe('');
    expect(documentIn(output)).toEqual(document);
  }, 60_000);

  it('is OpenAPI 3.1 by every rule of redocly.yaml', () => {
    const { code, text } = run('node_modules/@redocly/cli/bin/cli.js', 'lint', 'clients/openapi.json');
    expect(code === 0 ? '' : text).toBe('');
  }, 120_000);

  it('says of each operation what it does, and of each good answer what it holds', () => {
    expect(operations.length).toBeGreaterThan(70);
    for (const { path, method, operation } of operations) {
      const said = `${method} ${path}: ${String(operation['summary'])} – ${String(operation['description'])}`;
      expect(said).not.toMatch(/undefined|: {2}|– $/);
      expect(operation['security']).toBeDefined();
    }
    const ids = operations.map(({ operation }) => operation['operationId']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names only registered codes', () => {
    const named = operations.flatMap(({ operation }) => textsIn(operation['x-problems']));
    expect(named.length).toBeGreaterThan(300);
    expect(named.filter((code) => !PROBLEMS[code])).toEqual([]);
  });

  it('writes nothing out twice and leaves nothing open', () => {
    const choice = { type: 'string', enum: ['a', 'b'] };
    expect(faultsOfSchemas({ a: choice, b: { ...choice }, c: { type: 'object' } })).toHaveLength(2);
    expect(faultsOfSchemas(document)).toEqual([]);
  });
});

describe('the AsyncAPI document', () => {
  it('is the one that the events describe: else `npm run openapi`', () => {
    const { output } = run('dist/src/cli.js', 'asyncapi');
    const committed = readFileSync(join(ROOT, 'clients/asyncapi.json'), 'utf8');
    expect(documentIn(output)).toEqual(documentIn(committed));
  }, 60_000);
});

describe('npm run openapi:diff', () => {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function diffWith(change: (text: string) => string): { code: number | null; text: string } {
    const after = join(folder, 'after.json');
    writeFileSync(after, change(readFileSync(COMMITTED, 'utf8')));
    return run('clients/openapi-diff.mjs', COMMITTED, after);
  }

  it('passes what is the same', () => {
    expect(diffWith((text) => text)).toMatchObject({ code: 0 });
  });

  it.each([
    ['a route that is gone', '"/v1/cart/items":', '"/v1/cart/things":', /POST \/v1\/cart\/items is gone/],
    ['another operation id', '"operationId": "cartAdd"', '"operationId": "cartPut"', /cartAdd/],
    ['a field that is gone', '"lineTotal": {', '"sum": {', /lineTotal/],
    [
      'another type',
      '"quantity": {\n            "type": "integer"',
      '"quantity": {\n            "type": "string"',
      /quantity/,
    ],
    ['another code', '"cart.too_many_items"', '"cart.full"', /cart\.too_many_items/],
  ])('names %s', (_, before, after, name) => {
    const { code, text } = diffWith((document) => document.replace(before, after));
    expect(text).toMatch(name);
    expect(code).toBe(1);
  });
});
