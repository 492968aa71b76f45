import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEMS } from '../../src/common/problem.codes';
import { toProblem } from '../../src/http/problem.filter';
import { AppError, type ErrorKind } from '../../src/common/app-error';
import { ROOT } from './planted-tree';

interface Thrown {
  file: string;
  kind: string;
  code: string;
}

const REGISTRY = 'src/common/problem.codes.ts';
const NEW_ERROR = /new AppError\(\s*'(\w+)',\s*(?:'([^']+)'|`([^`]+)`)/g;
const KINDS: readonly ErrorKind[] = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'precondition_failed',
  'precondition_required',
  'too_large',
  'unprocessable',
  'unsupported_media_type',
  'too_many_requests',
  'unavailable',
];

function sources(): { file: string; text: string }[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true })
    .map((name) => join('src', String(name)))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && file !== REGISTRY)
    .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
}

/** A code with a placeholder stands for every registered one of that form. */
function codesOf(code: string): string[] {
  if (!code.includes('${')) return [code];
  const form = new RegExp(`^${code.replaceAll('.', '\\.').replaceAll(/\$\{[^}]*\}/g, '\\w+')}$`);
  return Object.keys(PROBLEMS).filter((known) => form.test(known));
}

function thrownIn(files: readonly { file: string; text: string }[]): Thrown[] {
  return files.flatMap(({ file, text }) =>
    [...text.matchAll(NEW_ERROR)].flatMap(([, kind = '', plain, template = '']) =>
      codesOf(plain ?? template).map((code) => ({ file, kind, code })),
    ),
  );
}

function statusOf(kind: string): number | undefined {
  const known = KINDS.find((candidate) => candidate === kind);
  return known && toProblem(new AppError(known, 'any', 'any')).status;
}

function faults(thrown: readonly Thrown[]): string[] {
  return thrown.flatMap(({ file, kind, code }) => {
    const registered = PROBLEMS[code];
    if (!registered) return [`${file}: ${code} is not in ${REGISTRY}`];
    const status = statusOf(kind);
    return registered.status === status ? [] : [`${file}: ${code} is ${registered.status}, thrown as ${status}`];
  });
}

describe('codes of errors', () => {
  const files = sources();
  const thrown = thrownIn(files);

  it('finds what is thrown, and what is wrong with it', () => {
    expect(thrown.length).toBeGreaterThan(40);
    const text =
      "throw new AppError(\n  'conflict',\n  'nobody.knows', '…'); new AppError('conflict', 'order.not_found', '')";
    expect(faults(thrownIn([{ file: 'planted.ts', text }]))).toEqual([
      `planted.ts: nobody.knows is not in ${REGISTRY}`,
      'planted.ts: order.not_found is 404, thrown as 409',
    ]);
  });

  it('are registered, with the status they are answered with', () => {
    expect(faults(thrown)).toEqual([]);
  });

  it('are registered only where somebody answers them', () => {
    const nginx = readFileSync(join(ROOT, 'nginx/templates/snippets/errors.conf.template'), 'utf8');
    const told = new Set(thrown.map(({ code }) => code));
    const everything = [nginx, ...files.map(({ text }) => text)].join('\n');
    const isNamed = (code: string) => everything.includes(`'${code}'`) || everything.includes(`"code":"${code}"`);
    expect(Object.keys(PROBLEMS).filter((code) => !told.has(code) && !isNamed(code))).toEqual([]);
  });

  it('are the same in the mouth of Nginx', () => {
    const nginx = readFileSync(join(ROOT, 'nginx/templates/snippets/errors.conf.template'), 'utf8');
    const said = [...nginx.matchAll(/"title":"([^"]+)","status":([^,]+),.*"code":"(\w+)"/g)];
    expect(said.length).toBeGreaterThan(8);
    for (const [, title, status, code = ''] of said) {
      expect({ code, title: PROBLEMS[code]?.title }).toEqual({ code, title });
      if (status !== '$status') expect(PROBLEMS[code]?.status).toBe(Number(status));
    }
  });
});
