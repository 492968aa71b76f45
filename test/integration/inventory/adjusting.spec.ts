import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { setStock, type ProductBody, type StockBody } from '../../support/catalogue';
import { eventually } from '../../support/eventually';
import { Shop, type Answer, type Problem, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

type PatchAnswer = Answer<StockBody & Problem>;

describe('counting stock', () => {
  const shop = new Shop();
  const stores = new Stores();
  let admin: Visitor;

  const patch = (id: string, body: object, headers: Record<string, string> = {}): Promise<PatchAnswer> =>
    admin.send('PATCH', `/v1/admin/inventory/${id}`, body, headers);
  const eventsOf = async (id: string, type: string) =>
    stores.rows<{ data: object }>(
      'products',
      `SELECT data FROM outbox WHERE subject = $1 AND type = $2 ORDER BY position`,
      [id, type],
    );
  const ledger = (id: string) =>
    stores.row<{ sum: number; quantity: number; reserved: number }>(
      'products',
      `SELECT i.quantity, i.reserved_quantity AS reserved, coalesce(sum(m.delta), 0)::int AS sum
       FROM inventory i LEFT JOIN stock_movements m USING (product_id)
       WHERE i.product_id = $1
       GROUP BY i.product_id`,
      [id],
    );

  beforeAll(async () => {
    admin = await shop.admin();
  });

  afterAll(() => stores.close());

  it('shows and sets what is on hand, and keeps who did it and why', async () => {
    const { id } = await shop.product(0);
    const answer = await patch(id, { quantity: 12, expectedQuantity: 0, reason: 'first delivery' });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      productId: id,
      quantity: 12,
      reservedQuantity: 0,
      available: 12,
      lowStock: false,
      updatedAt: expect.stringMatching(/Z$/),
    });
    const read = await admin.send<StockBody>('GET', `/v1/admin/inventory/${id}`);
    expect(read.body).toEqual(answer.body);
    expect(read.headers.get('etag')).toBe(answer.headers.get('etag'));
    const movement = await stores.row(
      'products',
      `SELECT delta, cause, reason, actor_id FROM stock_movements WHERE product_id = $1`,
      [id],
    );
    expect(movement).toEqual({ delta: 12, cause: 'admin', reason: 'first delivery', actor_id: admin.userId });
    expect((await eventsOf(id, 'inventory.updated')).map(({ data }) => data)).toEqual([
      { quantity: 12, reservedQuantity: 0, available: 12, cause: 'admin' },
    ]);
  });

  it('lets one of twenty win who all saw the same quantity', async () => {
    const { id } = await shop.product(10);
    // The row is held until several of them stand in line, so that they truly meet.
    const holder = new Client({ connectionString: shop.stack.postgres.products });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM inventory WHERE product_id = $1 FOR UPDATE', [id]);
    const requests = Promise.all(
      Array.from({ length: 20 }, (_, i) => patch(id, { quantity: 100 + i, expectedQuantity: 10 })),
    );
    await eventually('several to wait for the row', async () => {
      const { rows } = await holder.query(
        `SELECT 1 FROM pg_locks WHERE NOT granted AND locktype IN ('tuple', 'transactionid')`,
      );
      return rows.length >= 4;
    });
    await holder.query('COMMIT');
    await holder.end();
    const answers = await requests;
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    const losers = answers.filter(({ status }) => status === 409);
    expect(losers).toHaveLength(19);
    const quantity = winners[0]?.body.quantity;
    for (const { body } of losers) {
      expect(body).toMatchObject({ code: 'inventory.changed', expectedQuantity: 10, quantity });
    }
    expect(await ledger(id)).toEqual({ quantity, reserved: 0, sum: quantity });
  });

  it('takes If-Match, strong or weakened on the way', async () => {
    const { id } = await shop.product(4);
    const etag = (await admin.send('GET', `/v1/admin/inventory/${id}`)).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"\d+"$/);
    const first = await patch(id, { quantity: 5 }, { 'if-match': `W/${etag}` });
    expect(first.status).toBe(200);
    const stale = await patch(id, { quantity: 6 }, { 'if-match': etag });
    expect(stale).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect((await patch(id, { quantity: 6 }, { 'if-match': first.headers.get('etag') ?? '' })).status).toBe(200);
    expect((await patch(id, { quantity: 7 }, { 'if-match': '*' })).status).toBe(200);
    const both = await patch(id, { quantity: 8, expectedQuantity: 99 }, { 'if-match': '*' });
    expect(both).toMatchObject({ status: 409, body: { code: 'inventory.changed', quantity: 7 } });
  });

  it('wants to know what you saw', async () => {
    const { id } = await shop.product(4);
    expect(await patch(id, { quantity: 5 })).toMatchObject({ status: 428, body: { code: 'precondition_required' } });
  });

  it.each([
    {},
    { quantity: -1 },
    { quantity: 1.5 },
    { quantity: '3' },
    { quantity: 1, colour: 'red' },
    { quantity: 2e9 },
  ])('refuses %j', async (body) => {
    const answer = await patch(randomUUID(), body, { 'if-match': '*' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  it('knows only products, and only staff', async () => {
    const unknown = { status: 404, body: { code: 'product.not_found' } };
    expect(await patch(randomUUID(), { quantity: 1, expectedQuantity: 0 })).toMatchObject(unknown);
    expect(await admin.send('GET', `/v1/admin/inventory/${randomUUID()}`)).toMatchObject(unknown);
    const customer = await shop.customer();
    expect(await customer.send('GET', `/v1/admin/inventory/${randomUUID()}`)).toMatchObject({ status: 403 });
    expect(await shop.visitor().send('GET', `/v1/admin/inventory/${randomUUID()}`)).toMatchObject({ status: 401 });
  });

  it('never goes below what is set aside, and shows it as not available', async () => {
    const { id } = await shop.product(10);
    const customer = await shop.customer();
    await customer.addToCart(id, 6);
    await customer.checkout(await customer.address());
    expect((await customer.get<ProductBody>(`/v1/products/${id}`)).stock).toEqual({ available: 4, lowStock: true });
    const answer = await patch(id, { quantity: 5, expectedQuantity: 10 });
    expect(answer).toMatchObject({ status: 409, body: { code: 'inventory.below_reserved', reservedQuantity: 6 } });
    expect((await patch(id, { quantity: 6, expectedQuantity: 10 })).body).toMatchObject({
      available: 0,
      reservedQuantity: 6,
    });
    expect(await ledger(id)).toEqual({ quantity: 6, reserved: 6, sum: 6 });
  });

  it('tells of low stock once per fall', async () => {
    const { id } = await shop.product(10);
    for (const quantity of [4, 3, 0, 4, 5, 20, 2]) await setStock(admin, id, quantity);
    expect((await eventsOf(id, 'inventory.low_stock')).map(({ data }) => data)).toEqual([
      { available: 4, threshold: 5 },
      { available: 2, threshold: 5 },
    ]);
    expect(await eventsOf(id, 'inventory.updated')).toHaveLength(8);
    expect(await ledger(id)).toEqual({ quantity: 2, reserved: 0, sum: 2 });
  });

  it('may fall again after a hold was given back', async () => {
    const { id } = await shop.product(10);
    const customer = await shop.customer();
    await customer.addToCart(id, 6);
    const checkout = await customer.checkout(await customer.address());
    await setStock(admin, id, 9);
    await customer.send('DELETE', `/v1/checkouts/${checkout.id}`);
    await setStock(admin, id, 4);
    expect(await eventsOf(id, 'inventory.low_stock')).toHaveLength(2);
  });

  it('changes nothing and tells nobody when the quantity stays', async () => {
    const { id } = await shop.product(8);
    const before = await admin.send<StockBody>('GET', `/v1/admin/inventory/${id}`);
    const answer = await patch(id, { quantity: 8, expectedQuantity: 8 });
    expect([answer.status, answer.body, answer.headers.get('etag')]).toEqual([
      200,
      before.body,
      before.headers.get('etag'),
    ]);
    expect(await eventsOf(id, 'inventory.updated')).toHaveLength(1);
  });

  it('forgets the cached availability again when the event comes round', async () => {
    const { id } = await shop.product(8);
    await setStock(admin, id, 9);
    // As a reader does that read before the change and fills the cache after it was forgotten; then the event comes.
    await stores.redis.set(`inventory:${id}`, JSON.stringify('{"available":8,"lowStock":false}'), 'EX', 300);
    await stores.rows(
      'products',
      `INSERT INTO outbox (event_id, topic, key, type, subject, traceparent, schema_version, data)
       SELECT gen_random_uuid(), topic, key, type, subject, traceparent, schema_version, data
       FROM outbox WHERE subject = $1 ORDER BY position DESC LIMIT 1`,
      [id],
    );
    const product = await eventually('the true availability', async () => {
      const found = await admin.get<ProductBody>(`/v1/products/${id}`);
      return found.stock.available === 9 && found;
    });
    expect(product.stock).toEqual({ available: 9, lowStock: false });
  });
});
