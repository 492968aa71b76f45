import { randomInt, randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { uuidv7 } from 'uuidv7';
import { TOPICS } from '../../src/events/topics';
import { Receiver } from '../integration/webhooks/receiver';
import { EveryStore } from '../support/every-store';
import { eventually } from '../support/eventually';
import { mailedTokens, mailsTo } from '../support/mailbox';
import { Shop, Visitor, type OrderBody, type Problem } from '../support/shop';
import { cli, Stores } from '../support/stores';

const DAY = 86_400;
/** Whatever was under way when the account ended is over. */
const SETTLED = 400;

/** Words that nobody else uses: where one of them is found, something of this person was kept. */
const WORD = `canary${randomUUID().replaceAll('-', '').slice(0, 12)}`;
const PERSON = {
  email: `${WORD}-mail@example.com`,
  password: `correct horse ${WORD}-secret`,
  name: `Ada ${WORD}-name`,
  phone: `+1${randomInt(2_000_000_000, 9_999_999_999)}`,
  userAgent: `Browser/1.0 ${WORD}-agent`,
};
const ADDRESS = {
  street: `1 ${WORD}-street`,
  city: `${WORD}-city`,
  state: `${WORD}-state`,
  zipCode: WORD.slice(-8),
  country: `${WORD}-country`,
};
const NOTE = `${WORD}-note`;
const REASON = `${WORD}-reason`;

interface Session {
  user: { id: string };
  accessToken: string;
  refreshToken: string;
}

interface Export {
  profile: { email: string };
  orders: { order: OrderBody; cancelNote: string | null; payment: { refunds: { reason: string }[] } | null }[];
  addresses: object[];
  sessions: { userAgent: string }[];
  checkouts: object[];
  messages: { subject: string }[];
  sales: object[];
}

/** One person, from signing up to nothing being left of them, over all stores. */
describe('the erasure of a person', () => {
  const shop = new Shop();
  const stores = new Stores();
  const everywhere = new EveryStore(stores.redis, [WORD.slice(-8), PERSON.phone.slice(1)]);
  const kafka = new Kafka({ clientId: 'erasure', brokers: shop.stack.kafka, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const receiver = new Receiver();
  const headers = { 'user-agent': PERSON.userAgent };
  let admin: Visitor;
  let support: Visitor;
  let customer: Visitor;
  let refreshToken: string;
  let productId: string;
  const orders: Record<string, OrderBody> = {};
  let addressId: string;

  const signIn = () =>
    shop
      .visitor()
      .send<Session & Problem>('POST', '/v1/auth/login', { email: PERSON.email, password: PERSON.password }, headers);

  async function order(name: string): Promise<OrderBody> {
    await customer.addToCart(productId, 2);
    const checkout = await customer.checkout(addressId);
    const placed = await customer.order(checkout.id);
    orders[name] = placed;
    return customer.orderInStatus(placed.id, 'processing');
  }

  async function deliver({ id }: OrderBody): Promise<void> {
    await admin.post(`/v1/admin/orders/${id}/ship`, { carrier: 'UPS', trackingNumber: '1Z999' });
    await admin.post(`/v1/admin/orders/${id}/deliver`);
  }

  /** What the books say of this customer's orders. */
  async function books(): Promise<unknown> {
    const [live, paid, archived, sold, listed] = await Promise.all([
      stores.rows(
        'orders',
        'SELECT number, status, total_amount, created_at FROM orders WHERE user_id = $1 ORDER BY id',
        [customer.userId],
      ),
      stores.rows(
        'orders',
        `SELECT payments.order_id, payments.amount, refunded_amount, payments.status, refunds.amount AS refund
         FROM payments LEFT JOIN refunds ON payment_id = payments.id WHERE user_id = $1 ORDER BY order_id, refunds.id`,
        [customer.userId],
      ),
      stores.documents<{ number: string; total_amount: object; items: object[] }>('order_history', {
        user_id: customer.userId,
      }),
      stores.documents('analytics', { user_id: customer.userId }),
      admin.get<{ items: { number: string }[] }>('/v1/admin/orders?limit=100'),
    ]);
    const numbers = Object.values(orders).map(({ number }) => number);
    return {
      live,
      paid,
      archived: archived.map(({ number, total_amount: total, items }) => ({ number, total, items })),
      sold,
      listed: listed.items.filter(({ number }) => numbers.includes(number)),
    };
  }

  beforeAll(async () => {
    await Promise.all([producer.connect(), receiver.open()]);
    admin = await shop.admin();
    support = await shop.customer();
    await stores.rows('users', `UPDATE users SET roles = '{support}' WHERE id = $1`, [support.userId]);
    productId = (await shop.product(50)).id;
    const types = ['order.created', 'order.shipped', 'order.cancelled', 'payment.refunded'];
    const wish = { url: receiver.url('all'), description: 'All of it', eventTypes: types };
    const { listensFrom } = await admin.post<{ listensFrom: string }>('/v1/admin/webhooks', wish);
    // What happens before is never sent.
    await eventually('the endpoint to listen', () => Promise.resolve(Date.now() > Date.parse(listensFrom)));
  }, 30_000);
  afterAll(async () => {
    await Promise.all([producer.disconnect(), receiver.close()]);
    stores.close();
  });

  it('begins with somebody who leaves traces everywhere', async () => {
    const { email, password, name, phone } = PERSON;
    const key = { ...headers, 'idempotency-key': randomUUID() };
    const registered = await shop.visitor().send<Session>('POST', '/v1/auth/register', { email, password, name }, key);
    expect(registered.status).toBe(201);
    const session = (await signIn()).body;
    ({ refreshToken } = session);
    customer = new Visitor(shop.stack.baseUrl, session.accessToken, session.user.id, email);
    await customer.send('PATCH', '/v1/users/me', { phone });
    await customer.get('/v1/users/me');
    addressId = (
      await customer.post<{ id: string }>('/v1/users/me/addresses', ADDRESS, { 'idempotency-key': randomUUID() })
    ).id;
    await customer.post('/v1/auth/two-factor', { password });
    await shop.visitor().post('/v1/auth/password/forgot', { email });
    await mailedTokens(email, /new password/);
    const [token = ''] = await mailedTokens(email, /verify/);
    await shop.visitor().post('/v1/auth/email/verify', { token });

    const archived = await order('archived');
    await deliver(archived);
    const refund = { amount: { amount: '5.00', currency: 'USD' }, reason: REASON };
    // Ids are taken in any case of letters.
    await admin.post(`/v1/admin/orders/${archived.id.toUpperCase()}/refund`, refund, {
      'idempotency-key': randomUUID(),
    });
    await customer.paymentInStatus(archived.id, 'partially_refunded');
    const cancelled = await order('cancelled');
    await admin.post(`/v1/admin/orders/${cancelled.id}/cancel`, { reason: NOTE });
    await customer.paymentInStatus(cancelled.id, 'refunded');
    await eventually('a mail that greets', async () => (await mailsTo(email, /on its way/))[0]?.text.includes(name));
    // Gone from PostgreSQL.
    await cli('archive', 31 * DAY);
    await cli('archive', 34 * DAY);
    // As events of before had them.
    const words = (id: string, type: string, detail: object) =>
      eventually(`the timeline to have ${type}`, async () => {
        return (await stores.updateDocuments('order_timeline', { order_id: id, type }, { $set: detail })) === 1;
      });
    await words(archived.id, 'payment.refunded', { 'detail.reason': REASON });
    await words(cancelled.id, 'order.cancelled', { 'detail.note': NOTE });

    const open = await order('copied');
    const refused = await customer.send('DELETE', '/v1/users/me', { password });
    expect([refused.status, refused.body.code]).toEqual([409, 'erasure.open_orders']);
    expect(refused.body).toMatchObject({ orderIds: [open.id] });
    await deliver(open);
    // In both.
    await cli('archive', 31 * DAY);
    await deliver(await order('live'));

    // In the cart and on the way to the checkout.
    await customer.addToCart(productId, 1);
    await customer.checkout(addressId);
    await support.get('/v1/admin/users?limit=100');
    for (const { id } of Object.values(orders)) {
      await support.get(`/v1/orders/${id}`);
      await support.get(`/v1/orders/${id}/timeline`);
    }

    const poison = {
      ...{ specversion: '1.0', id: uuidv7(), type: 'order.shipped', source: 'test', subject: open.id },
      ...{ time: new Date().toISOString(), dataschema: 'https://shop.example/schemas/order.shipped/v1' },
      ...{ sequence: '00000000000000000001', orderid: open.id, data: {} },
    };
    await producer.send({ topic: TOPICS.orders, messages: [{ key: open.id, value: JSON.stringify(poison) }] });
    await eventually(
      'a dead letter',
      async () =>
        (await stores.rows('orders', 'SELECT id FROM dead_letters WHERE order_id = $1', [open.id])).length > 0,
      20_000,
    );
    await eventually('webhooks', () => Promise.resolve(receiver.at('all').length >= 4), 20_000);
    const { found } = await everywhere.search();
    // It can be found: else nothing below says anything.
    expect(found.map((place) => place.slice(0, place.lastIndexOf(': ')))).toEqual(
      expect.arrayContaining(
        ['users public.users', 'users public.addresses', 'users public.sessions', 'products public.checkouts']
          .concat(['orders public.orders', 'orders public.refunds', 'mongo order_history', 'mongo order_timeline'])
          .concat([`redis user:${customer.userId}:profile`]),
      ),
    );
  }, 180_000);

  it('gives them everything before, and no secret', async () => {
    const whole = await customer.get<Export>('/v1/users/me/export');
    expect(whole.profile.email).toBe(PERSON.email);
    expect(whole.orders.map((entry) => entry.order.id).sort()).toEqual(
      Object.values(orders)
        .map(({ id }) => id)
        .sort(),
    );
    const text = JSON.stringify(whole);
    for (const word of [PERSON.phone, PERSON.userAgent, ADDRESS.street, NOTE, REASON]) expect(text).toContain(word);
    for (const list of [whole.addresses, whole.sessions, whole.checkouts, whole.messages, whole.sales]) {
      expect(list.length).toBeGreaterThan(0);
    }
    const secrets = await stores.rows<{ secret: string }>(
      'users',
      `SELECT password_hash AS secret FROM users WHERE id = $1
       UNION ALL SELECT refresh_token_hash FROM sessions WHERE user_id = $1
       UNION ALL SELECT sealed_secret FROM second_factors WHERE user_id = $1
       UNION ALL SELECT token_hash FROM account_tokens WHERE user_id = $1`,
      [customer.userId],
    );
    expect(secrets.length).toBeGreaterThan(4);
    for (const { secret } of secrets) expect(text).not.toContain(secret);
    expect(text).not.toContain('tok_ok');
  });

  it('ends the account at once, by its password alone', async () => {
    const before = await books();
    const wrong = await customer.send('DELETE', '/v1/users/me', { password: 'another one' });
    expect([wrong.status, wrong.body.code]).toEqual([403, 'auth.wrong_password']);
    await shop.visitor().post('/v1/auth/password/forgot', { email: PERSON.email });
    const tokens = await mailedTokens(PERSON.email, /new password/, 2);

    const erased = await customer.send('DELETE', '/v1/users/me', { password: PERSON.password });
    expect(erased.status).toBe(202);
    expect((await customer.send('GET', '/v1/users/me')).status).toBe(401);
    expect((await signIn()).status).toBe(401);
    expect((await shop.visitor().send('POST', '/v1/auth/refresh', { refreshToken })).status).toBe(401);
    for (const token of tokens) {
      const reset = await shop
        .visitor()
        .send('POST', '/v1/auth/password/reset', { token, password: 'yet another one' });
      expect(reset.status).toBe(400);
    }

    await eventually('each store to be done once', async () => {
      const steps = await stores.rows<{ done: boolean }>(
        'users',
        'SELECT done_at IS NOT NULL AND last_error IS NULL AND waits_for IS NULL AS done FROM erasure_steps WHERE user_id = $1',
        [customer.userId],
      );
      return steps.length === 6 && steps.every(({ done }) => done);
    });
    expect((await everywhere.search()).found).toEqual([]);
    expect(await books()).toEqual(before);
  }, 60_000);

  it('is not undone by what comes late', async () => {
    const [letter] = await stores.rows<{ id: string }>('orders', 'SELECT id FROM dead_letters WHERE order_id = $1', [
      orders['copied']?.id,
    ]);
    await admin.send('POST', `/v1/admin/dead-letters/${letter?.id ?? ''}/redrive`);
    // An event that no listener has seen, of before.
    const [event] = await stores.rows<{ data: object }>(
      'orders',
      `SELECT data FROM outbox WHERE order_id = $1 AND type = 'order.shipped'`,
      [orders['live']?.id],
    );
    const late = {
      ...{ specversion: '1.0', id: uuidv7(), type: 'order.shipped', source: 'test', subject: orders['live']?.id },
      ...{ time: new Date().toISOString(), dataschema: 'https://shop.example/schemas/order.shipped/v1' },
      ...{ sequence: '00000000000000009999', orderid: orders['live']?.id, data: event?.data },
    };
    const mails = (await mailsTo(PERSON.email, /./)).length;
    await producer.send({
      topic: TOPICS.orders,
      messages: [{ key: orders['live']?.id ?? '', value: JSON.stringify(late) }],
    });
    await eventually(
      'its messages to be dropped',
      async () => {
        const rows = await stores.rows<{ status: string }>(
          'users',
          'SELECT status FROM notifications WHERE caused_by = $1',
          [late.id],
        );
        return rows.length === 2 && rows.every(({ status }) => status === 'dropped');
      },
      20_000,
    );
    expect(await mailsTo(PERSON.email, /./)).toHaveLength(mails);

    await cli('archive', 31 * DAY);
    await cli('erasures', SETTLED);
    const { completed } = await stores.row<{ completed: boolean }>(
      'users',
      'SELECT completed_at IS NOT NULL AS completed FROM erasures WHERE user_id = $1',
      [customer.userId],
    );
    expect(completed).toBe(true);
    const { found, looked } = await everywhere.search();
    expect(found).toEqual([]);
    expect(Object.keys(looked).length).toBeGreaterThan(70);
  }, 60_000);

  it('finds nothing to take back in Kafka: no record ever named them', async () => {
    const { found, looked } = await everywhere.records();
    expect(found).toEqual([]);
    expect(looked['kafka']).toBeGreaterThan(40);
  }, 40_000);

  it('leaves the email for another account', async () => {
    const { email, password } = PERSON;
    const again = await shop.visitor().send<Session>('POST', '/v1/auth/register', { email, password, name: 'Someone' });
    expect(again.status).toBe(201);
    expect(again.body.user.id).not.toBe(customer.userId);
  });
});
