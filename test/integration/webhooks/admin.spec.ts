import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually } from '../../support/eventually';
import { Shop, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';
import { Receiver, verified } from './receiver';

interface Webhook {
  id: string;
  url: string;
  eventTypes: string[];
  enabled: boolean;
  listensFrom: string;
  disabledReason: string | null;
  secret: string;
}

interface Delivery {
  id: string;
  messageId: string;
  eventType: string;
  status: string;
  tries: number;
  attempts: { outcome: string; status: number }[];
  payload: object;
}

interface Page<T> {
  items: T[];
  page: { nextCursor: string | null };
}

const typeIn = (message: unknown) =>
  typeof message === 'object' && message !== null && 'type' in message ? String(message.type) : '';

const ROUTE = '/v1/admin/webhooks';

/** Over the API of the running shop, with real events. */
describe('webhooks in the hands of staff', () => {
  const shop = new Shop();
  const stores = new Stores();
  const receiver = new Receiver();
  let admin: Visitor;

  beforeAll(async () => {
    await receiver.open();
    admin = await shop.admin();
  });

  afterAll(async () => {
    // Endpoints of this run would else be asked for the rest of it.
    const { items } = await admin.get<Page<Webhook>>(`${ROUTE}?limit=100`);
    for (const { id } of items) await admin.send('DELETE', `${ROUTE}/${id}`);
    await receiver.close();
    stores.close();
  });

  const create = (path: string, eventTypes: string[]) =>
    admin.post<Webhook>(ROUTE, { url: receiver.url(path), description: 'Made for a test', eventTypes });

  it('tell of an order as it goes on, each step once, and of its customer only the id', async () => {
    const path = randomUUID();
    const webhook = await create(path, ['order.created', 'order.confirmed', 'payment.succeeded', 'inventory.updated']);
    await eventually('it to listen', () => Promise.resolve(Date.now() > Date.parse(webhook.listensFrom)));
    const product = await shop.product(5);
    const customer = await shop.customer();
    const order = await customer.buy(product.id, 2);
    await customer.orderInStatus(order.id, 'confirmed');
    const mine = () =>
      receiver.at(path).filter(({ body }) => body.includes(order.id) || body.includes(`"productId":"${product.id}"`));
    const told = await eventually('all of it to be told', () => {
      const types = mine().map((message) => typeIn(verified(webhook.secret, message)));
      const all = new Set(types);
      return Promise.resolve(all.size === 4 && types);
    });
    expect(told.filter((type) => type.startsWith('order.')).sort()).toEqual(['order.confirmed', 'order.created']);
    for (const message of mine()) {
      for (const personal of [customer.email, 'Ada', '1 Main St', 'tok_ok']) {
        expect(message.body).not.toContain(personal);
      }
    }
    const confirmedOrder = mine().find(({ body }) => body.includes('"order.confirmed"'));
    expect(confirmedOrder && verified(webhook.secret, confirmedOrder)).toMatchObject({
      data: { orderId: order.id, number: order.number, customerId: customer.userId },
    });
  }, 60_000);

  it('are tested, looked into and replayed', async () => {
    const path = randomUUID();
    const webhook = await create(path, ['order.shipped']);
    const test = await admin.send<Delivery>('POST', `${ROUTE}/${webhook.id}/test`);
    expect(test.status).toBe(202);
    expect(test.body).toMatchObject({ eventType: 'webhook.test', status: 'pending', tries: 0 });
    const read = () => admin.get<Delivery>(`${ROUTE}/${webhook.id}/deliveries/${test.body.id}`);
    const sent = await eventually('it to arrive', async () => {
      const delivery = await read();
      return delivery.status === 'delivered' && delivery;
    });
    expect(sent.attempts).toEqual([expect.objectContaining({ outcome: 'delivered', status: 204 })]);
    expect(sent.payload).toMatchObject({ type: 'webhook.test', data: { webhookId: webhook.id } });
    const replayed = await admin.send('POST', `${ROUTE}/${webhook.id}/deliveries/${sent.id}/replay`);
    expect(replayed.status).toBe(202);
    await eventually('it to come again', () => Promise.resolve(receiver.at(path).length === 2));
    expect(receiver.at(path).map(({ headers }) => headers['webhook-id'])).toEqual([sent.messageId, sent.messageId]);
    await admin.post(`${ROUTE}/${webhook.id}/test`);
    const first = await admin.get<Page<Delivery>>(`${ROUTE}/${webhook.id}/deliveries?limit=1`);
    const second = await admin.get<Page<Delivery>>(
      `${ROUTE}/${webhook.id}/deliveries?limit=1&cursor=${first.page.nextCursor}`,
    );
    expect(second.items.map(({ id }) => id)).toEqual([sent.id]);
    const since = { since: new Date(Date.now() - 60_000).toISOString() };
    expect(await admin.post(`${ROUTE}/${webhook.id}/replay-failed`, since)).toEqual({ replayed: 0, more: false });
    for (const wrong of ['today', '2026-W05', '20260131', '2026-01-31T23:59:60Z']) {
      const answer = await admin.send('POST', `${ROUTE}/${webhook.id}/replay-failed`, { since: wrong });
      expect([wrong, answer.status]).toEqual([wrong, 400]);
    }
    const strange = await admin.send('POST', `${ROUTE}/${webhook.id}/deliveries/${randomUUID()}/replay`);
    expect(strange).toMatchObject({ status: 404, body: { code: 'webhook.delivery_not_found' } });
  }, 30_000);

  it('are changed by who saw them last, and all of it is in the trail', async () => {
    const webhook = await create(randomUUID(), ['order.created']);
    const path = `${ROUTE}/${webhook.id}`;
    expect((await admin.send('PATCH', path, { enabled: false })).status).toBe(428);
    const match = (version: number) => ({ 'if-match': `"${version}"` });
    const off = await admin.send<Webhook>('PATCH', path, { enabled: false, eventTypes: ['order.shipped'] }, match(1));
    expect(off.body).toMatchObject({ enabled: false, disabledReason: 'staff', eventTypes: ['order.shipped'] });
    expect((await admin.send('PATCH', path, { enabled: true }, match(1))).status).toBe(412);
    expect(await admin.send('POST', `${path}/test`)).toMatchObject({ status: 409, body: { code: 'webhook.disabled' } });
    const on = await admin.send<Webhook>(
      'PATCH',
      path,
      { enabled: true },
      { 'if-match': off.headers.get('etag') ?? '' },
    );
    expect(on.body).toMatchObject({ enabled: true, disabledReason: null });
    expect((await admin.send('POST', `${path}/rotate-secret`)).status).toBe(200);
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect(await admin.send('GET', path)).toMatchObject({ status: 404, body: { code: 'webhook.not_found' } });
    expect((await admin.send('DELETE', path)).status).toBe(404);
    const trail = await admin.get<Page<{ action: string; actorId: string }>>(
      `/v1/admin/audit-log?subjectType=webhook_endpoint&subjectId=${webhook.id}`,
    );
    expect(trail.items.map(({ action }) => action)).toEqual([
      'webhook.deleted',
      'webhook.secret_rotated',
      'webhook.updated',
      'webhook.updated',
      'webhook.created',
    ]);
    expect(new Set(trail.items.map(({ actorId }) => actorId))).toEqual(new Set([admin.userId]));
  });

  it.each([
    'http://10.0.0.1/',
    'https://169.254.169.254/',
    'https://2852039166/',
    'https://[::1]/',
    'https://user:word@8.8.8.8/',
    'gopher://8.8.8.8/',
  ])('may not go to %s', async (url) => {
    const refused = await admin.send('POST', ROUTE, { url, eventTypes: ['order.created'] });
    expect(refused).toMatchObject({ status: 422, body: { code: 'webhook.url_refused' } });
    const webhook = await create(randomUUID(), ['order.created']);
    const moved = await admin.send('PATCH', `${ROUTE}/${webhook.id}`, { url }, { 'if-match': '"1"' });
    expect(moved).toMatchObject({ status: 422, body: { code: 'webhook.url_refused' } });
  });

  it.each([{ eventTypes: [] }, { eventTypes: ['user.created'] }, { eventTypes: 'order.created' }, { url: 7 }, {}])(
    'are not made of %j',
    async (body) => {
      expect((await admin.send('POST', ROUTE, { url: receiver.url('x'), ...body })).status).toBe(400);
    },
  );

  it('are nothing to customers or to nobody', async () => {
    const webhook = await create(randomUUID(), ['order.created']);
    const customer = await shop.customer();
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', `/${webhook.id}`],
      ['PATCH', `/${webhook.id}`],
      ['DELETE', `/${webhook.id}`],
      ['POST', `/${webhook.id}/rotate-secret`],
      ['POST', `/${webhook.id}/test`],
      ['GET', `/${webhook.id}/deliveries`],
      ['POST', `/${webhook.id}/replay-failed`],
    ] as const) {
      expect((await customer.send(method, `${ROUTE}${path}`)).status).toBe(403);
      expect((await shop.visitor().send(method, `${ROUTE}${path}`)).status).toBe(401);
    }
  });

  it('show a secret once: no other answer, table or log has it', async () => {
    const webhook = await create(randomUUID(), ['order.created']);
    const rotated = await admin.send<Webhook>('POST', `${ROUTE}/${webhook.id}/rotate-secret`, undefined, {
      'idempotency-key': randomUUID(),
    });
    expect(rotated.headers.get('cache-control')).toBe('no-store');
    await admin.post(`${ROUTE}/${webhook.id}/test`);
    const answers = [
      await admin.get(`${ROUTE}?limit=100`),
      await admin.get(`${ROUTE}/${webhook.id}`),
      await admin.get(`${ROUTE}/${webhook.id}/deliveries`),
      await admin.get('/v1/admin/audit-log?subjectType=webhook_endpoint'),
      await stores.rows('orders', 'SELECT response::text FROM idempotency_keys'),
      await stores.rows('orders', 'SELECT secret, former_secret FROM webhook_endpoints'),
    ].map((answer) => JSON.stringify(answer));
    const folder = join(dirname(process.env['STACK_FILE'] ?? ''), 'logs');
    const logs = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(logs.join('').length).toBeGreaterThan(0);
    for (const secret of [webhook.secret, rotated.body.secret]) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      const bare = secret.slice('whsec_'.length);
      expect([...answers, ...logs].filter((text) => text.includes(bare))).toEqual([]);
    }
  });
});
