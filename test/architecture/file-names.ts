import { basename, dirname } from 'node:path';

/** The layers under the features: there a file may be named by its thing alone, as `money.ts`. */
export const LAYERS = [
  'common',
  'events',
  'settings',
  'database',
  'messaging',
  'cache',
  'http',
  'observability',
  'health',
];

/** What a file in a feature may be. A new role is added here once it has a name that says what it does. */
export const ROLES = new Set([
  'adapter',
  'admin.controller',
  'catalog',
  'check',
  'client',
  'constants',
  'consumer',
  'controller',
  'decorator',
  'document',
  'dto',
  'entity',
  'errors',
  'events',
  'filter',
  'gateway',
  'guard',
  'interceptor',
  'job',
  'listener',
  'machine',
  'mapper',
  'metrics',
  'middleware',
  'module',
  'pipe',
  'policy',
  'provider',
  'queries',
  'reader',
  'record',
  'repository',
  'schema',
  'seed',
  'sender',
  'service',
  'state',
  'strategy',
  'stream',
  'template',
  'templates',
  'types',
  'view',
  'worker',
]);

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const EMPTY_NAMES = /(^|[-.])(manager|helpers?|utils?|process|misc|base|impl)([-.]|$)/;

/** What is wrong with the name of a source, in one line, or null. */
export function faultOfName(path: string): string | null {
  const name = basename(path).replace(/(\.spec)?\.ts$/, '');
  const [thing = '', ...role] = name.split('.');
  const isRoot = dirname(path) === 'src';
  const inFeature = !isRoot && !LAYERS.includes(path.split('/')[1] ?? '');
  if (name === 'index') return `${path}: barrels hide who needs what; import the file itself`;
  if (![thing, ...role].every((part) => KEBAB.test(part))) return `${path}: names are kebab-case, thing.role.ts`;
  if (EMPTY_NAMES.test(name)) return `${path}: name it by what it does`;
  if (inFeature && role.length === 0) return `${path}: say what it is, thing.role.ts`;
  if (inFeature && !ROLES.has(role.join('.'))) return `${path}: "${role.join('.')}" is not a role of ROLES`;
  return null;
}
