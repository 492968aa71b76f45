// @ts-check
/**
 * npm run openapi:diff [-- <git revision>]         the committed document there (or of main) against clients/openapi.json
 * node clients/openapi-diff.mjs <before> <after>   two files
 *
 * Names what a client of the first could stumble over in the second, and ends with 1 when there is anything. Additions are
 * listed and pass. (oasdiff and its like are no npm packages, openapi-diff reads 3.0 only.)
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** @typedef {Record<string, any>} Json */

const FILE = path.join(import.meta.dirname, 'openapi.json');
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const LOWER_IS_TIGHTER = ['maxLength', 'maximum', 'maxItems'];
const HIGHER_IS_TIGHTER = ['minLength', 'minimum', 'minItems'];

/** @returns {[Json, Json]} */
function documents() {
  const [first = 'main', second] = process.argv.slice(2);
  if (second) return [read(first), read(second)];
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (git('ls-tree', '--full-tree', '--name-only', first, 'clients/openapi.json') === '') {
    console.log(`${first} has no document yet`);
    process.exit(0);
  }
  return [JSON.parse(git('show', `${first}:clients/openapi.json`)), read(FILE)];
}

/** @param {string} file @returns {Json} */
const read = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

const [before, after] = documents();
/** @type {Set<string>} */
const breaking = new Set();
/** @type {Set<string>} */
const added = new Set();

/** @param {Json} document @param {any} value @returns {any} */
function resolve(document, value) {
  if (typeof value?.$ref !== 'string') return value;
  const target = value.$ref
    .slice(2)
    .split('/')
    .reduce((/** @type {any} */ part, /** @type {string} */ key) => part?.[key], document);
  return resolve(document, target);
}

/** @param {any} schema @returns {string[]} */
const typesOf = (schema) => [schema?.type ?? []].flat().sort();

/**
 * What a request may hold must not shrink, what an answer may hold must not grow.
 * @param {string} where @param {any} from @param {any} to @param {'request' | 'answer'} side @param {Set<string>} seen
 */
function compareSchemas(where, from, to, side, seen = new Set()) {
  const key = `${from?.$ref} ${to?.$ref}`;
  if (from?.$ref && seen.has(key)) return;
  const known = new Set([...seen, key]);
  const a = resolve(before, from);
  const b = resolve(after, to);
  if (a === undefined) return;
  if (b === undefined) return void breaking.add(`${where} has no schema any more`);
  const [wide, narrow] = side === 'request' ? [a, b] : [b, a];
  const lost = typesOf(wide).filter((type) => !typesOf(narrow).includes(type));
  if (lost.length > 0) breaking.add(`${where}: ${typesOf(a).join('|') || 'any'} is now ${typesOf(b).join('|')}`);
  if (a.format !== b.format) breaking.add(`${where}: format ${a.format} is now ${b.format}`);
  compareChoices(where, a.enum, b.enum, side);
  if (side === 'request') compareLimits(where, a, b);
  compareFields(where, a, b, side, known);
  if (a.items) compareSchemas(`${where}[]`, a.items, b.items, side, known);
  for (const [index, option] of (a.anyOf ?? []).entries()) {
    compareSchemas(where, option, b.anyOf?.[index], side, known);
  }
}

/** @param {string} where @param {string[] | undefined} from @param {string[] | undefined} to @param {string} side */
function compareChoices(where, from, to, side) {
  if (!from && !to) return;
  const [wide, narrow] = side === 'request' ? [from, to] : [to, from];
  if (!narrow) return;
  if (!wide) return void breaking.add(`${where}: its values are now ${side === 'request' ? 'limited' : 'open'}`);
  for (const value of wide) {
    if (narrow.includes(value)) continue;
    breaking.add(`${where}: "${value}" is ${side === 'request' ? 'no longer taken' : 'a value no client knows'}`);
  }
}

/** @param {string} where @param {any} a @param {any} b */
function compareLimits(where, a, b) {
  for (const limit of LOWER_IS_TIGHTER) {
    if ((b[limit] ?? Infinity) < (a[limit] ?? Infinity)) breaking.add(`${where}: ${limit} is now ${b[limit]}`);
  }
  for (const limit of HIGHER_IS_TIGHTER) {
    if ((b[limit] ?? -Infinity) > (a[limit] ?? -Infinity)) breaking.add(`${where}: ${limit} is now ${b[limit]}`);
  }
  if (b.pattern && a.pattern !== b.pattern) breaking.add(`${where}: pattern is now ${b.pattern}`);
}

/** @param {string} where @param {any} a @param {any} b @param {'request' | 'answer'} side @param {Set<string>} seen */
function compareFields(where, a, b, side, seen) {
  const [from, to] = [a.properties ?? {}, b.properties ?? {}];
  const [neededBefore, neededNow] = [a.required ?? [], b.required ?? []];
  for (const [name, schema] of Object.entries(from)) {
    if (!(name in to)) breaking.add(`${where}.${name} is gone`);
    else compareSchemas(`${where}.${name}`, schema, to[name], side, seen);
    if (side === 'answer' && neededBefore.includes(name) && !neededNow.includes(name)) {
      breaking.add(`${where}.${name} may be missing now`);
    }
  }
  for (const name of Object.keys(to)) if (!(name in from)) added.add(`${where}.${name}`);
  if (side === 'answer') return;
  for (const name of neededNow) if (!neededBefore.includes(name)) breaking.add(`${where}.${name} must be sent now`);
}

/** @param {string} where @param {Json} from @param {Json} to */
function compareParameters(where, from, to) {
  const keyed = (/** @type {Json} */ document, /** @type {any[]} */ parameters) =>
    new Map(parameters.map((one) => resolve(document, one)).map((one) => [`${one.in} ${one.name}`, one]));
  const [old, now] = [keyed(before, from.parameters ?? []), keyed(after, to.parameters ?? [])];
  for (const [name, parameter] of old) {
    const next = now.get(name);
    if (!next) breaking.add(`${where}: the parameter ${name} is gone`);
    else compareSchemas(`${where} (${name})`, parameter.schema, next.schema, 'request');
  }
  for (const [name, parameter] of now) {
    if (parameter.required && !old.get(name)?.required) breaking.add(`${where}: ${name} must be sent now`);
    else if (!old.has(name)) added.add(`${where}: ${name}`);
  }
}

/** @param {string} where @param {Json} from @param {Json} to */
function compareOperations(where, from, to) {
  if (from.operationId !== to.operationId) breaking.add(`${where}: ${from.operationId} is now ${to.operationId}`);
  compareParameters(where, from, to);
  const [oldBody, newBody] = [from.requestBody, to.requestBody];
  if (!oldBody && newBody?.required) breaking.add(`${where}: a body must be sent now`);
  for (const [type, media] of Object.entries(oldBody?.content ?? {})) {
    const next = newBody?.content?.[type];
    if (next) compareSchemas(`${where} request`, media.schema, next.schema, 'request');
    else breaking.add(`${where}: bodies of ${type} are no longer taken`);
  }
  for (const [status, answer] of Object.entries(from.responses)) {
    const [old, next] = [resolve(before, answer), resolve(after, to.responses[status])];
    if (!next) breaking.add(`${where}: ${status} is gone`);
    for (const [type, media] of Object.entries(next ? (old.content ?? {}) : {})) {
      if (!next.content?.[type]) breaking.add(`${where} ${status}: ${type} is gone`);
      else compareSchemas(`${where} ${status}`, media.schema, next.content[type].schema, 'answer');
    }
  }
  for (const code of from['x-problems'] ?? []) {
    if (!to['x-problems']?.includes(code)) breaking.add(`${where}: the code ${code} is gone`);
  }
  if (from.security.length === 0 && to.security.length > 0) breaking.add(`${where} needs a login now`);
}

for (const [route, item] of Object.entries(before.paths)) {
  for (const method of METHODS.filter((candidate) => item[candidate])) {
    const where = `${method.toUpperCase()} ${route}`;
    const next = after.paths[route]?.[method];
    if (next) compareOperations(where, item[method], next);
    else breaking.add(`${where} is gone`);
  }
}
for (const [route, item] of Object.entries(after.paths)) {
  for (const method of METHODS.filter((candidate) => item[candidate] && !before.paths[route]?.[candidate])) {
    added.add(`${method.toUpperCase()} ${route}`);
  }
}

for (const line of added) console.log(`new       ${line}`);
for (const line of breaking) console.log(`BREAKING  ${line}`);
console.log(`${added.size} additions, ${breaking.size} breaking changes`);
process.exitCode = breaking.size > 0 ? 1 : 0;
