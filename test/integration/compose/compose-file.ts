import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { parse } from 'yaml';

export const ROOT = resolve(__dirname, '../../..');

export interface ComposeService {
  image?: string;
  build?: { target?: string };
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  networks?: string[];
  ports?: string[];
  restart?: string;
  stop_grace_period?: string;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; interval?: string; disable?: boolean };
  deploy?: { resources?: { limits?: { cpus?: string; memory?: string } } };
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, unknown>;
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as Compose fills them in; `$$` stays for the shell inside. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g, (whole, name?: string, kind?: string, rest?: string) => {
    if (name === undefined) return whole;
    const value = values[name];
    if (value) return value;
    if (kind === '-') return rest ?? '';
    throw new Error(`${name} is not set`);
  });
}

/** Like Compose itself: the values go into the texts of the parsed file, and stay texts. */
export function composeFile(values: Readonly<Record<string, string>>): ComposeFile {
  const parsed: unknown = parse(textOf('docker-compose.yml'), { merge: true });
  const file: ComposeFile = JSON.parse(JSON.stringify(parsed), (_, value: unknown) =>
    typeof value === 'string' ? fillIn(value, values) : value,
  );
  return file;
}

/** What the Compose Specification has against the file, one line each. */
export function schemaErrors(file: object): string[] {
  const schemaFile = join(dirname(require.resolve('dclint/package.json')), 'schemas/compose.schema.json');
  const schema: object = JSON.parse(readFileSync(schemaFile, 'utf8'));
  const duration = /^(\d+(us|ms|s|m|h))+$/;
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { duration } });
  const isValid = ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' });
  if (isValid(file)) return [];
  const errors: ErrorObject[] = isValid.errors ?? [];
  return errors.map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

/** `key = value` and `key value` lines of a service's configuration. */
export function configuration(path: string, separator: RegExp): Map<string, string> {
  const lines = textOf(path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.search(separator);
      return [line.slice(0, at).trim(), line.slice(at).replace(separator, '').trim()];
    }),
  );
}

export interface LocalStack {
  app: Record<string, string>;
  command: Record<string, string>;
  nginx: Record<string, string>;
}

/** What the stack without Docker gives its programs, in a process of its own with a bare environment. */
export function localStack(folder: string): LocalStack {
  const script = `
    import { makePlan } from './local/stack/plan.mjs';
    import { appSettings, commandSettings } from './local/stack/settings.mjs';
    import { nginxVariables } from './local/parts/nginx.mjs';
    const plan = makePlan('start');
    const app = appSettings(plan, 'app1', plan.ports.app1);
    console.log(JSON.stringify({ app, command: commandSettings(plan), nginx: nginxVariables(plan) }));
  `;
  const stack: LocalStack = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: ROOT,
      env: { STACK_DIR: folder },
      encoding: 'utf8',
    }),
  );
  for (const settings of [stack.app, stack.command]) delete settings.STACK_DIR;
  return stack;
}
