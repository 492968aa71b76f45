/**
 * Who may import whom: the rules of CONTRIBUTING.md, "Imports". `npm run lint:imports` applies them, and
 * test/architecture/imports.spec.ts breaks each of them on purpose.
 */
const BASE = ['common', 'events', 'settings'];
const SHARED = ['database', 'messaging', 'cache', 'http', 'observability', 'health'];

/** Every other folder of src is a feature. These are the only edges between features; all else goes by events. */
const FEATURES = {
  analytics: [],
  'api-keys': ['audit'],
  archive: ['orders', 'payments', 'history'],
  audit: [],
  auth: ['users', 'cart', 'notifications', 'api-keys'],
  cart: ['products'],
  checkout: ['cart', 'products', 'inventory', 'users', 'orders', 'payments'],
  consistency: ['[^/]+'],
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

const folder = (names) => `^src/(?:${names.join('|')})/`;
const layers = folder([...BASE, ...SHARED]);
const feature = `^src/(?!(?:${[...BASE, ...SHARED].join('|')})/)[^/]+/`;

/** A feature nobody has listed yet reaches no other feature, until it is given its edges above. */
const unlisted = {
  name: 'feature-edges-of-unlisted',
  comment: 'Add the feature and the features it needs to FEATURES in .dependency-cruiser.cjs, or use an event.',
  severity: 'error',
  from: { path: '^src/([^/]+)/', pathNot: [layers, folder(Object.keys(FEATURES))] },
  to: { path: feature, pathNot: '^src/$1/' },
};

const edges = Object.entries(FEATURES).map(([name, allowed]) => ({
  name: `feature-edges-of-${name}`,
  comment: `${name} may import from: ${allowed.join(', ') || 'no other feature'}. Anything else goes by events.`,
  severity: 'error',
  from: { path: folder([name]) },
  to: { path: feature, pathNot: folder([name, ...allowed]) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'An import that cannot be followed would escape every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'base-knows-nothing-above',
      comment: 'common, events and settings are under everything else.',
      severity: 'error',
      from: { path: folder(BASE) },
      to: { path: '^src/', pathNot: folder(BASE) },
    },
    {
      name: 'shared-knows-no-feature',
      comment: 'database, messaging, cache, http, observability and health serve every feature and know none.',
      severity: 'error',
      from: { path: folder(SHARED) },
      to: { path: feature },
    },
    ...edges,
    unlisted,
    {
      name: 'feature-doors',
      comment: 'Another feature is entered by its *.service.ts or *.module.ts; dto/ is the shape of what those answer.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: layers },
      to: { path: feature, pathNot: ['^src/$1/', '\\.(service|module|dto)\\.ts$'] },
    },
    {
      name: 'entry-points-see-no-storage',
      comment: 'Controllers and consumers call services; they never see repositories, entities or TypeORM.',
      severity: 'error',
      from: { path: '^src/.+\\.(controller|consumer)\\.ts$' },
      to: { path: '\\.repository\\.ts$|\\.entity\\.ts$|/entities/|(^|node_modules/)(@nestjs/)?typeorm(/|$)' },
    },
    {
      name: 'repositories-only-store',
      comment: 'A repository is SQL: it calls no service and sends no event.',
      severity: 'error',
      from: { path: '^src/.+\\.repository\\.ts$' },
      to: { path: '\\.service\\.ts$|^src/messaging/' },
    },
    {
      name: 'root-is-the-top',
      comment: 'main, cluster, cli and app.module put the parts together; no part imports them.',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+$' },
    },
    {
      name: 'primary-only-supervises',
      comment:
        "A server's first process starts workers: it loads the shop only to become one, or holds it for nothing.",
      severity: 'error',
      from: { path: '^src/cluster\\.ts$' },
      to: { path: '^src/', pathNot: folder(['settings', 'observability']), dynamic: false },
    },
    {
      name: 'src-stands-alone',
      comment:
        'The app knows nothing of the local stack or of its tests (a spec beside the code may use test/support).',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(local|test)/' },
    },
    {
      name: 'specs-know-no-stack',
      comment: 'Specs get their services from test/support, whoever runs those.',
      severity: 'error',
      from: { path: '^src/.+\\.spec\\.ts$' },
      to: { path: '^local/' },
    },
    {
      name: 'src-needs-listed-packages',
      comment: 'The image holds only `dependencies`: what src loads at run time must be one of them.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types of packages that ship none.
    exclude: { path: '^src/.*[.]d[.]ts$' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count too: they couple two files as well.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types', 'import'],
      mainFields: ['main', 'types'],
    },
  },
};
