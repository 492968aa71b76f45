import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { newProduct, ownCategory, setStock, usd, type ProductBody } from '../../support/catalogue';
import { Shop, Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

interface Entry {
  position: string;
  actorId: string;
  action: string;
  subjectType: string;
  subjectId: string;
  before: object | null;
  after: object | null;
  requestId: string;
}

interface Trail {
  items: Entry[];
  page: { nextCursor: string | null };
}

describe('the audit trail', () => {
  const shop = new Shop();
  const stores = new Stores();
  let admin: Visitor;
  let category: string;

  beforeAll(async () => {
    admin = await shop.admin();
    category = await ownCategory(stores, 'Audited');
  });
  afterAll(() => stores.close());

  const trailOf = (query: string) => admin.get<Trail>(`/v1/admin/audit-log?${query}`);

  it('says who changed what of which thing, from what to what, in which request', async () => {
    const { id } = await admin.post<ProductBody>('/v1/admin/products', newProduct(category, { price: usd('5.00') }));
    const requestId = `audit-${randomUUID()}`;
    const headers = { 'if-match': '"1"', 'x-request-id': requestId };
    await admin.send('PATCH', `/v1/admin/products/${id}`, { name: 'Other', price: usd('6.00') }, headers);
    await setStock(admin, id, 4);
    const { items } = await trailOf(`subjectId=${id}`);
    expect(items.map(({ action }) => action)).toEqual(['inventory.adjusted', 'product.updated', 'product.created']);
    expect(items[0]).toMatchObject({ before: { quantity: 0 }, after: { quantity: 4 }, subjectType: 'inventory' });
    expect(items[1]).toEqual({
      position: expect.any(String),
      actorId: admin.userId,
      action: 'product.updated',
      subjectType: 'product',
      subjectId: id,
      before: { name: 'Thing', price: 500 },
      after: { name: 'Other', price: 600 },
      requestId,
      at: expect.any(String),
    });
    expect((await trailOf(`subjectId=${id}&subjectType=inventory`)).items).toHaveLength(1);
    expect((await trailOf(`subjectId=${id}&action=product.created&actorId=${admin.userId}`)).items).toHaveLength(1);
    expect((await trailOf(`subjectId=${id}&actorId=${randomUUID()}`)).items).toHaveLength(0);
  });

  it('goes on by cursor', async () => {
    const { id } = await admin.post<ProductBody>('/v1/admin/products', newProduct(category, {}));
    for (let quantity = 1; quantity <= 4; quantity += 1) await setStock(admin, id, quantity);
    const first = await trailOf(`subjectId=${id}&limit=3`);
    const rest = await trailOf(`subjectId=${id}&limit=3&cursor=${first.page.nextCursor ?? ''}`);
    const positions = [...first.items, ...rest.items].map(({ position }) => Number(position));
    expect(positions).toEqual([...positions].sort((a, b) => b - a));
    expect([first.items.length, rest.items.length, rest.page.nextCursor]).toEqual([3, 2, null]);
    expect((await admin.send('GET', '/v1/admin/audit-log?cursor=nonsense')).status).toBe(400);
  });

  it('keeps nothing of what was not done', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(() => admin.post<ProductBody>('/v1/admin/products', newProduct(category, {}))),
    );
    const change = { name: 'Never', sku: one?.sku };
    const answer = await admin.send('PATCH', `/v1/admin/products/${other?.id ?? ''}`, change, { 'if-match': '*' });
    expect(answer.status).toBe(409);
    expect((await trailOf(`subjectId=${other?.id ?? ''}`)).items.map(({ action }) => action)).toEqual([
      'product.created',
    ]);
  });

  it('is written by the transaction of the change: without it there is no change either', async () => {
    const { id } = await admin.post<ProductBody>('/v1/admin/products', newProduct(category, {}));
    const owner = new Client({ connectionString: shop.stack.postgres.products });
    await owner.connect();
    try {
      await owner.query(`ALTER TABLE audit_log ADD CONSTRAINT none_now CHECK (subject_id <> '${id}') NOT VALID`);
      const answer = await admin.send('PATCH', `/v1/admin/products/${id}`, { name: 'Never' }, { 'if-match': '*' });
      expect(answer.status).toBe(500);
      const stock = await admin.send('PATCH', `/v1/admin/inventory/${id}`, { quantity: 3, expectedQuantity: 0 });
      expect(stock.status).toBe(500);
    } finally {
      await owner.query('ALTER TABLE audit_log DROP CONSTRAINT IF EXISTS none_now');
      await owner.end();
    }
    expect(await admin.get(`/v1/admin/products/${id}`)).toMatchObject({ name: 'Thing', version: 1 });
    expect(await admin.get(`/v1/admin/inventory/${id}`)).toMatchObject({ quantity: 0 });
  });

  it.each(['audit_log', 'price_history'])('%s is only added to, whoever asks', async (table) => {
    for (const statement of [`DELETE FROM ${table}`, `UPDATE ${table} SET actor_id = NULL`, `TRUNCATE ${table}`]) {
      await expect(stores.rows('products', statement)).rejects.toMatchObject({ code: '23001' });
    }
  });

  it('is for admins', async () => {
    const customer = await shop.customer(0);
    expect((await customer.send('GET', '/v1/admin/audit-log')).status).toBe(403);
    await stores.rows('users', `UPDATE users SET roles = '{support}' WHERE id = $1`, [customer.userId]);
    const session = await shop.visitor(0).post<{ accessToken: string }>('/v1/auth/login', {
      email: customer.email,
      password: 'correct horse battery',
    });
    const support = new Visitor(customer.baseUrl, session.accessToken);
    expect((await support.send('GET', '/v1/admin/products')).status).toBe(200);
    expect((await support.send('GET', '/v1/admin/audit-log')).status).toBe(403);
  });

  it('tells of orders that staff moved, refunded or ended', async () => {
    const product = await shop.product(5);
    const customer = await shop.customer();
    const [sent, ended] = [await customer.buy(product.id), await customer.buy(product.id)];
    await Promise.all([sent, ended].map(({ id }) => customer.orderInStatus(id, 'processing')));
    await admin.post(`/v1/admin/orders/${sent.id}/ship`, { carrier: 'UPS', trackingNumber: '1Z' });
    await admin.post(`/v1/admin/orders/${sent.id}/deliver`);
    const key = { 'idempotency-key': randomUUID() };
    const refund = await admin.post<{ id: string }>(`/v1/admin/orders/${sent.id}/refund`, { reason: 'Dented' }, key);
    await admin.post(`/v1/admin/orders/${sent.id}/refund`, { reason: 'Dented' }, key);
    await admin.post(`/v1/admin/orders/${ended.id}/cancel`, { reason: 'Asked by phone' });

    const moves = (await trailOf(`subjectType=order&subjectId=${sent.id}`)).items;
    expect(moves.map(({ action, before, after }) => ({ action, before, after }))).toEqual([
      { action: 'order.delivered', before: { status: 'shipped' }, after: { status: 'delivered' } },
      {
        action: 'order.shipped',
        before: { status: 'processing' },
        after: { status: 'shipped', carrier: 'UPS', trackingNumber: '1Z' },
      },
    ]);
    const refunds = (await trailOf(`subjectType=refund&subjectId=${refund.id}`)).items;
    expect(refunds).toHaveLength(1);
    expect(refunds[0]).toMatchObject({ actorId: admin.userId, after: { orderId: sent.id } });
    // Words about people can be taken away where they are; here nothing can.
    expect(JSON.stringify(refunds)).not.toContain('Dented');
    const end = (await trailOf(`subjectType=order&subjectId=${ended.id}`)).items;
    expect(end).toHaveLength(1);
    expect(end[0]).toMatchObject({ action: 'order.cancelled', after: { status: 'cancelled' } });
    expect(JSON.stringify(end)).not.toContain('by phone');
    const { items } = await admin.get<{ items: { type: string; detail: object }[] }>(`/v1/orders/${ended.id}/timeline`);
    expect(items).toContainEqual(expect.objectContaining({ detail: { note: 'Asked by phone' } }));
  });
});
