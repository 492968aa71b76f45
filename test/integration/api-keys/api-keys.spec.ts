import { createHash } from 'node:crypto';
import { Shop, Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

const shop = new Shop();
const stores = new Stores();

afterAll(() => stores.close());

interface KeyBody {
  id: string;
  key: string;
  hint: string;
  permissions: string[];
  lastUsedAt: string | null;
  revokedAt: string | null;
}

async function keyFor(admin: Visitor, permissions: string[], more: object = {}): Promise<KeyBody> {
  return admin.post<KeyBody>('/v1/admin/api-keys', { name: 'Made for a test', permissions, ...more });
}

const holder = (key: KeyBody, server = 0): Visitor => new Visitor(shop.visitor(server).baseUrl, key.key);

describe('an API key', () => {
  it('does what is named with it, and nothing else', async () => {
    const key = await keyFor(await shop.admin(), ['inventory:read']);
    const product = await shop.product(7);
    const reader = holder(key);
    const stock = await reader.send<{ quantity: number }>('GET', `/v1/admin/inventory/${product.id}`);
    expect([stock.status, stock.body.quantity]).toEqual([200, 7]);
    const change = { quantity: 8, expectedQuantity: 7 };
    const refused = await reader.send('PATCH', `/v1/admin/inventory/${product.id}`, change);
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    for (const path of ['/v1/users/me', '/v1/cart', '/v1/orders', '/v1/admin/api-keys', '/v1/admin/users']) {
      expect((await reader.send('GET', path)).status).toBe(403);
    }
  });

  it('is named in the trail of what it did', async () => {
    const admin = await shop.admin();
    const key = await keyFor(admin, ['inventory:write']);
    const product = await shop.product(7);
    const change = { quantity: 9, expectedQuantity: 7 };
    expect((await holder(key).send('PATCH', `/v1/admin/inventory/${product.id}`, change)).status).toBe(200);
    const trail = await admin.get<{ items: { actorId: string }[] }>(
      `/v1/admin/audit-log?subjectType=inventory&subjectId=${product.id}&limit=1`,
    );
    expect(trail.items[0]?.actorId).toBe(key.id);
    const made = await admin.get<{ items: { action: string; after: { permissions: string[] } }[] }>(
      `/v1/admin/audit-log?subjectType=api_key&subjectId=${key.id}`,
    );
    expect(made.items.map(({ action, after }) => [action, after.permissions])).toEqual([
      ['api_key.created', ['inventory:write']],
    ]);
  });

  it('is told once, and kept as its hash', async () => {
    const admin = await shop.admin();
    const key = await keyFor(admin, ['orders:read']);
    expect(key.key).toMatch(/^tpk_[\w-]{43}$/);
    const rows = await stores.rows<{ whole: string }>(
      'users',
      `SELECT api_keys::text AS whole FROM api_keys WHERE id = $1
       UNION ALL SELECT audit_log::text FROM audit_log WHERE subject_id = $1`,
      [key.id],
    );
    expect(rows).toHaveLength(2);
    expect(rows.filter(({ whole }) => whole.includes(key.key))).toEqual([]);
    expect(rows[0]?.whole).toContain(createHash('sha256').update(key.key).digest('hex'));
    const listed = await admin.get<{ items: object[] }>('/v1/admin/api-keys');
    expect(JSON.stringify(listed)).not.toContain(key.key);
    expect(listed.items[0]).toMatchObject({ id: key.id, hint: key.key.slice(0, 10), lastUsedAt: null });
  });

  it('is refused from the next request on when it is revoked, on every server', async () => {
    const admin = await shop.admin();
    const key = await keyFor(admin, ['customers:read']);
    const statuses = () =>
      Promise.all([0, 1].map(async (server) => (await holder(key, server).send('GET', '/v1/admin/users')).status));
    expect(await statuses()).toEqual([200, 200]);
    expect((await admin.send('DELETE', `/v1/admin/api-keys/${key.id}`)).status).toBe(204);
    expect(await statuses()).toEqual([401, 401]);
    expect((await admin.send('DELETE', `/v1/admin/api-keys/${key.id}`)).status).toBe(204);
    const { items } = await admin.get<{ items: KeyBody[] }>('/v1/admin/api-keys?limit=100');
    const listed = items.find(({ id }) => id === key.id);
    expect(listed?.revokedAt).toEqual(expect.any(String));
    expect(listed?.lastUsedAt).toEqual(expect.any(String));
  });

  it('ends when it is to', async () => {
    const key = await keyFor(await shop.admin(), ['customers:read'], {
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    expect((await holder(key).send('GET', '/v1/admin/users')).status).toBe(200);
    await stores.rows('users', `UPDATE api_keys SET expires_at = shop_now() WHERE id = $1`, [key.id]);
    expect((await holder(key).send('GET', '/v1/admin/users')).status).toBe(401);
  });

  it.each([['own:account'], ['own:orders'], ['api-keys:write'], ['everything']])('is never given %s', async (scope) => {
    const admin = await shop.admin();
    const answer = await admin.send('POST', '/v1/admin/api-keys', { name: 'Too much', permissions: [scope] });
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
  });

  it('that nobody made is nobody’s', async () => {
    const stranger = new Visitor(shop.visitor(0).baseUrl, `tpk_${'A'.repeat(43)}`);
    const answer = await stranger.send('GET', '/v1/admin/users');
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
  });
});

describe('keys are made', () => {
  it('by admins alone', async () => {
    const support = await shop.customer(0);
    await stores.rows('users', 'UPDATE users SET roles = $2 WHERE id = $1', [support.userId, ['customer', 'support']]);
    const body = { name: 'Mine', permissions: ['orders:read'] };
    expect((await support.send('POST', '/v1/admin/api-keys', body)).status).toBe(403);
  });
});
