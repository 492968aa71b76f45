import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlantedTree, ROOT } from './planted-tree';
import { type Cruise, cruise } from './tools';

const LAYERS = ['common', 'events', 'settings', 'database', 'messaging', 'cache', 'http', 'observability', 'health'];

/** The edges between features that the design allows, written out again so that a slip in the rules shows. */
const EDGES: Record<string, string[]> = {
  analytics: [],
  'api-keys': ['audit'],
  archive: ['orders', 'payments', 'history'],
  audit: [],
  auth: ['users', 'cart', 'notifications', 'api-keys'],
  cart: ['products'],
  checkout: ['cart', 'products', 'inventory', 'users', 'orders', 'payments'],
  'dead-letters': ['audit'],
  demo: ['products', 'inventory', 'users', 'auth'],
  history: [],
  images: ['products', 'audit'],
  inventory: ['audit'],
  notifications: [],
  orders: ['history', 'audit'],
  payments: ['orders', 'audit'],
  privacy: [
    'users',
    'auth',
    'cart',
    'notifications',
    'checkout',
    'orders',
    'payments',
    'history',
    'analytics',
    'audit',
  ],
  'product-imports': ['products', 'inventory', 'audit'],
  products: ['audit', 'inventory'],
  search: ['products'],
  shipping: ['orders'],
  timeline: ['orders', 'history', 'auth'],
  users: [],
  webhooks: ['audit'],
};
const FEATURES = [...Object.keys(EDGES), 'consistency'];

/** [rule, importing file, imported file or package] */
type Breach = [rule: string, from: string, to: string];

/** A file for each way up, so that no breach hides behind another. */
const planted: Breach[] = [
  ['base-knows-nothing-above', 'src/common/money.ts', 'src/http/limits.guard.ts'],
  ['base-knows-nothing-above', 'src/events/envelope.ts', 'src/messaging/outbox/outbox.service.ts'],
  ['base-knows-nothing-above', 'src/settings/settings.ts', 'src/users/users.service.ts'],
  ...LAYERS.slice(3).map((layer): Breach => [
    'shared-knows-no-feature',
    `src/${layer}/a.ts`,
    'src/users/users.service.ts',
  ]),
  ['feature-doors', 'src/checkout/door-a.ts', 'src/cart/cart.repository.ts'],
  ['feature-doors', 'src/checkout/door-b.ts', 'src/orders/orders.metrics.ts'],
  ['feature-doors', 'src/consistency/door.ts', 'src/orders/entities/order.entity.ts'],
  ['entry-points-see-no-storage', 'src/users/users.controller.ts', 'src/users/users.repository.ts'],
  ['entry-points-see-no-storage', 'src/users/users.admin.controller.ts', 'src/users/entities/user.entity.ts'],
  ['entry-points-see-no-storage', 'src/users/users.consumer.ts', 'typeorm'],
  ['entry-points-see-no-storage', 'src/orders/orders.controller.ts', '@nestjs/typeorm'],
  ['repositories-only-store', 'src/users/accounts.repository.ts', 'src/users/users.service.ts'],
  ['repositories-only-store', 'src/users/members.repository.ts', 'src/messaging/outbox/outbox.service.ts'],
  ['root-is-the-top', 'src/http/top.ts', 'src/main.ts'],
  ['primary-only-supervises', 'src/cluster.ts', 'src/main.ts'],
  ['src-stands-alone', 'src/http/local.ts', 'local/stack.ts'],
  ['src-stands-alone', 'src/users/helped.service.ts', 'test/support/eventually.ts'],
  ['specs-know-no-stack', 'src/users/users.service.spec.ts', 'local/stack.ts'],
  ['src-needs-listed-packages', 'src/http/dev.ts', 'jest'],
  ['src-needs-listed-packages', 'src/http/unlisted.ts', 'iterare'],
  ['no-unresolved', 'src/http/unresolved.ts', 'no-such-package'],
  ['feature-edges-of-unlisted', 'src/returns/returns.module.ts', 'src/orders/orders.service.ts'],
  ['feature-edges-of-orders', 'src/orders/unlisted.ts', 'src/returns/returns.module.ts'],
  ['feature-edges-of-orders', 'src/orders/types.ts', 'src/payments/payments.service.ts'],
];
for (const [feature, allowed] of Object.entries(EDGES)) {
  for (const other of FEATURES.filter((name) => name !== feature && !allowed.includes(name))) {
    planted.push([`feature-edges-of-${feature}`, `src/${feature}/to-${other}.ts`, `src/${other}/${other}.service.ts`]);
  }
}

/** What the rules must leave alone. */
const allowed: [from: string, to: string][] = [
  ...Object.entries(EDGES).flatMap(([feature, others]) =>
    others.map((other): [string, string] => [`src/${feature}/uses-${other}.ts`, `src/${other}/${other}.service.ts`]),
  ),
  ...Object.keys(EDGES).map((other): [string, string] => [
    `src/consistency/uses-${other}.ts`,
    `src/${other}/${other}.service.ts`,
  ]),
  ['src/checkout/uses-module.ts', 'src/cart/cart.module.ts'],
  ['src/common/uses-settings.ts', 'src/settings/settings.ts'],
  ['src/http/uses-cache.ts', 'src/cache/a.ts'],
  ['src/health/uses-database.ts', 'src/database/a.ts'],
  ['src/users/uses-http.controller.ts', 'src/http/limits.guard.ts'],
  ['src/users/uses-entity.service.ts', 'src/users/entities/user.entity.ts'],
  ['src/users/uses-typeorm.repository.ts', 'typeorm'],
  ['src/users/support.service.spec.ts', 'test/support/eventually.ts'],
  ['src/app.module.ts', 'src/orders/orders.module.ts'],
  ['src/cli.ts', 'src/users/users.repository.ts'],
];

function isFile(target: string): boolean {
  return /^(src|local|test)\//.test(target);
}

/** Half of the imports end in `.js` and half do not: both spellings resolve to the source. */
function importOf(from: string, to: string, index: number): string {
  if (!isFile(to)) return `import '${to}';\n`;
  const up = '../'.repeat(from.split('/').length - 1);
  const path = `${up || './'}${to.replace(/\.ts$/, index % 2 ? '' : '.js')}`;
  const type = from.endsWith('/types.ts');
  return type ? `import type { it } from '${path}';\nexport type It = typeof it;\n` : `import '${path}';\n`;
}

function sources(): Record<string, string> {
  const files: Record<string, string> = {
    'src/users/ring-a.ts': `import './ring-b';\nexport const it = 1;\n`,
    'src/users/ring-b.ts': `import './ring-a';\nexport const it = 1;\n`,
  };
  const pairs = [...planted.map(([, from, to]) => [from, to] as const), ...allowed];
  for (const [, to] of pairs) if (isFile(to)) files[to] ??= 'export const it = 1;\n';
  pairs.forEach(
    ([from, to], index) => (files[from] = importOf(from, to, index) + (files[from] ?? 'export const it = 1;\n')),
  );
  return files;
}

function typescriptFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => `${folder}/${path}`)
    .sort();
}

describe('imports of src', () => {
  it('keep every rule, and every file was looked at', () => {
    const { sources: seen, violations } = cruise(ROOT);
    const files = typescriptFiles('src');
    expect(files.length).toBeGreaterThan(20);
    expect([...seen].sort()).toEqual(files);
    expect(violations).toEqual([]);
  });
});

describe('a planted import', () => {
  let tree: PlantedTree;
  let report: Cruise;

  beforeAll(() => {
    tree = new PlantedTree(sources());
    report = cruise(tree.root);
  }, 60_000);

  afterAll(() => tree.remove());

  const found = (rule: string, from: string, to: string) =>
    report.violations.filter(
      (violation) =>
        violation.rule === rule &&
        violation.from === from &&
        (isFile(to) ? violation.to === to : violation.to.endsWith(to) || violation.to.includes(`node_modules/${to}/`)),
    );

  it.each(planted)('breaks %s: %s -> %s', (rule, from, to) => {
    expect(found(rule, from, to)).toHaveLength(1);
  });

  it('breaks no-cycle: two files that import each other', () => {
    expect(report.violations.filter(({ rule }) => rule === 'no-cycle').map(({ from }) => from)).toContain(
      'src/users/ring-a.ts',
    );
  });

  it.each(allowed)('is allowed: %s -> %s', (from) => {
    expect(report.sources).toContain(from);
    expect(report.violations.filter((violation) => violation.from === from)).toEqual([]);
  });

  it('is there for every rule', () => {
    const broken = new Set(report.violations.map(({ rule }) => rule));
    const rules = ruleNames().filter((rule) => rule !== 'feature-edges-of-consistency');
    expect(rules.filter((rule) => !broken.has(rule))).toEqual([]);
    expect(report.violations.filter(({ from }) => from.startsWith('src/consistency/uses-'))).toEqual([]);
  });
});

function ruleNames(): string[] {
  // Plain JavaScript: the names are all this test takes from it.
  const config: { forbidden: { name: string }[] } = jest.requireActual(join(ROOT, '.dependency-cruiser.cjs'));
  return config.forbidden.map(({ name }) => name);
}
