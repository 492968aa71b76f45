import { randomUUID } from 'node:crypto';
import { filled, routeTable, statusOf, type Route } from '../../support/route-table';
import { Shop, Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

const shop = new Shop();
const stores = new Stores();

afterAll(() => stores.close());

/** Who may what, written down a second time: whoever changes a grant has to mean it. */
const OWN = ['own:account', 'own:cart', 'own:orders'];
const SUPPORT = [
  ...OWN,
  'catalogue:read',
  'catalogue:write',
  'inventory:read',
  'inventory:write',
  'orders:read',
  'orders:write',
  'refunds:write',
  'customers:read',
  'operations:read',
  'webhooks:read',
];
const ADMIN = [...SUPPORT, 'operations:write', 'audit:read', 'webhooks:write', 'api-keys:read', 'api-keys:write'];

/** Ends the visitor's own session: asked last. An erasure asks for the password first, and has none here. */
const ENDS_THE_VISIT = (route: Route) => route.path === '/v1/auth/logout';

async function routes(): Promise<Route[]> {
  const table = await routeTable(shop.visitor(0));
  expect(table.length).toBeGreaterThan(60);
  return [...table.filter((route) => !ENDS_THE_VISIT(route)), ...table.filter(ENDS_THE_VISIT)];
}

/** A made-up id in every place: who may use a route is told of no such thing, or of what is missing in their request. */
const nobodys = (route: Route): string => filled(route, () => randomUUID());

type Access = 'open' | 401 | 403;

async function accessOf(visitor: Visitor, table: readonly Route[]): Promise<Map<string, Access>> {
  const found = new Map<string, Access>();
  for (const route of table) {
    const status = await statusOf(visitor, route, nobodys(route));
    found.set(`${route.method} ${route.path}`, status === 401 || status === 403 ? status : 'open');
  }
  return found;
}

/** A public route may still refuse what is in its body: a password, a signature. */
const REFUSES_BY_BODY = /^POST \/v1\/(auth|webhooks)\//;

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** `granted` is null for who is not signed in. */
async function expectAccess(visitor: Visitor, granted: readonly string[] | null): Promise<void> {
  const table = await routes();
  const found = await accessOf(visitor, table);
  const wanted = new Map<string, Access>();
  for (const route of table) {
    const { isPublic, permission, takesGuests } = route;
    const name = nameOf(route);
    if (isPublic && REFUSES_BY_BODY.test(name)) found.set(name, 'open');
    // A guest is told by their token of a cart who they are: the cart's own tests ask.
    if (granted === null && takesGuests) found.set(name, 'open');
    if (isPublic || (granted === null && takesGuests)) wanted.set(name, 'open');
    else if (granted === null) wanted.set(name, 401);
    else wanted.set(name, permission !== undefined && granted.includes(permission) ? 'open' : 403);
  }
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
}

async function withRoles(...roles: string[]): Promise<Visitor> {
  const visitor = await shop.customer(0);
  await stores.rows('users', 'UPDATE users SET roles = $2 WHERE id = $1', [visitor.userId, roles]);
  return visitor;
}

describe('every route of the shop', () => {
  it('is for anyone, or states a permission that someone has', async () => {
    const unstated = (await routes()).filter(({ isPublic, permission }) => !isPublic && permission === undefined);
    expect(unstated).toEqual([]);
    const unknown = (await routes()).filter(({ permission }) => permission && !ADMIN.includes(permission));
    expect(unknown).toEqual([]);
  });

  it('asks nobody in who does not say who they are, but for guests', async () => {
    await expectAccess(shop.visitor(0), null);
  });

  it('is open to a customer for their own things only', async () => {
    await expectAccess(await shop.customer(0), OWN);
  });

  it('is open to support for what support does', async () => {
    await expectAccess(await withRoles('customer', 'support'), SUPPORT);
  });

  it('is open to an admin', async () => {
    await expectAccess(await withRoles('customer', 'admin'), ADMIN);
  });

  it('is open to an API key for what is named with it', async () => {
    const scopes = ['catalogue:read', 'orders:read', 'inventory:write'];
    const admin = await shop.admin();
    const { key } = await admin.post<{ key: string }>('/v1/admin/api-keys', { name: 'Matrix', permissions: scopes });
    await expectAccess(new Visitor(shop.visitor(0).baseUrl, key), scopes);
  });
});

describe("what is another customer's", () => {
  it('is not there, on every route that names it', async () => {
    const [owner, other] = await Promise.all([shop.customer(0), shop.customer(0)]);
    const product = await shop.product(5);
    const order = await owner.buy(product.id);
    await owner.addToCart(product.id);
    const address = await owner.address();
    const checkout = await owner.checkout(address);
    const sessions = await stores.rows<{ id: string }>('users', 'SELECT id FROM sessions WHERE user_id = $1', [
      owner.userId,
    ]);
    const theirs: [RegExp, string | undefined, object?][] = [
      [/^\/v1\/orders\//, order.id],
      [/^\/v1\/checkouts\//, checkout.id],
      [/^\/v1\/users\/me\/addresses\//, address, { city: 'Elsewhere' }],
      [/^\/v1\/cart\/items\//, product.id, { quantity: 2 }],
      [/^\/v1\/auth\/sessions\//, sessions[0]?.id],
    ];
    const named = (await routes()).filter(
      ({ path, permission }) => permission?.startsWith('own:') && path.includes('{'),
    );
    expect(named.length).toBeGreaterThan(8);
    const answers: Record<string, number> = {};
    for (const route of named) {
      const [, id, body] = theirs.find(([prefix]) => prefix.test(route.path)) ?? [];
      if (id === undefined) throw new Error(`say above whose things ${route.path} names`);
      answers[nameOf(route)] = await statusOf(
        other,
        route,
        filled(route, () => id),
        body,
      );
    }
    expect(answers).toEqual(Object.fromEntries(named.map((route) => [nameOf(route), 404])));
    expect((await owner.get<{ status: string }>(`/v1/checkouts/${checkout.id}`)).status).toBe('held');
    expect((await owner.get<{ id: string }>(`/v1/users/me/addresses/${address}`)).id).toBe(address);
  });
});
