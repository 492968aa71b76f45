import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/eventually';
import { Shop, type Problem, type Visitor } from '../../support/shop';
import { cli, cliExit, Stores } from '../../support/stores';
import { whileLocked } from '../../support/table-lock';

const PASSWORD = 'correct horse battery';
const ADDRESS = { street: '1 Main St', city: 'Springfield', state: 'IL', zipCode: '62701', country: 'US' };
const STEPS = ['account', 'cache', 'checkouts', 'history', 'orders', 'payments'];

/** Whatever was under way when the account ended is over. */
const SETTLED = 400;

interface StepRow {
  step: string;
  runs: number;
  waits_for: string | null;
  last_error: string | null;
}

const shop = new Shop();
const stores = new Stores();

afterAll(() => stores.close());

const erase = (customer: Visitor, password = PASSWORD) =>
  customer.send<{ requestedAt: string } & Problem>('DELETE', '/v1/users/me', { password });

const stepsOf = ({ userId }: Visitor) =>
  stores.rows<StepRow>(
    'users',
    'SELECT step, runs, waits_for, last_error FROM erasure_steps WHERE user_id = $1 ORDER BY step',
    [userId],
  );

const stepsToBe = (customer: Visitor, what: string, are: (steps: StepRow[]) => boolean) =>
  eventually(
    `the steps to be ${what}`,
    async () => {
      const steps = await stepsOf(customer);
      return are(steps) && steps;
    },
    30_000,
  );

const due = ({ userId }: Visitor) =>
  stores.rows('users', 'UPDATE erasures SET next_try_at = shop_now() WHERE user_id = $1', [userId]);

const ranAgain = async (customer: Visitor): Promise<StepRow[]> => {
  const before = Math.max(...(await stepsOf(customer)).map(({ runs }) => runs));
  await due(customer);
  return stepsToBe(customer, 'run again', (steps) => steps.every(({ runs }) => runs > before));
};

const account = ({ userId }: Visitor) =>
  stores.row<{ email: string; name: string; phone: string | null; erased: boolean }>(
    'users',
    'SELECT email, name, phone, erased_at IS NOT NULL AS erased FROM users WHERE id = $1',
    [userId],
  );

const streetOf = async (orderId: string): Promise<string> =>
  (
    await stores.row<{ street: string }>(
      'orders',
      `SELECT shipping_address->>'street' AS street FROM orders WHERE id = $1`,
      [orderId],
    )
  ).street;

describe('an account', () => {
  it('of staff is not erased, nor anyone by another password', async () => {
    const [staff, customer] = await Promise.all([shop.customer(0), shop.customer(0)]);
    await stores.rows('users', `UPDATE users SET roles = '{customer,support}' WHERE id = $1`, [staff.userId]);
    const refused = await erase(staff);
    expect([refused.status, refused.body.code]).toEqual([409, 'erasure.staff_account']);
    const wrong = await erase(customer, 'another password');
    expect([wrong.status, wrong.body.code]).toEqual([403, 'auth.wrong_password']);
    for (const visitor of [staff, customer]) expect((await account(visitor)).erased).toBe(false);
  });

  it('ends once, whoever asks at the same time', async () => {
    const customer = await shop.customer(0);
    const answers = await Promise.all(Array.from({ length: 5 }, () => erase(customer)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    for (const { status } of answers) expect([202, 401, 403]).toContain(status);
    expect(
      (await stepsToBe(customer, 'done', (steps) => steps.every(({ runs }) => runs > 0))).map(({ step }) => step),
    ).toEqual(STEPS);
  });

  it('is not brought back by requests that were under way', async () => {
    const customer = await shop.customer(0);
    await customer.post('/v1/users/me/addresses', ADDRESS);
    // All wait for the row that the erasure has: it comes first.
    const [erased] = await whileLocked('users', 'addresses', async (waiting) => {
      const first = erase(customer);
      await waiting(1);
      const later = [
        customer.send('PATCH', '/v1/users/me', { name: 'Somebody Else', phone: '+15551234567' }),
        customer.send('POST', '/v1/users/me/addresses', ADDRESS),
        shop.visitor(0).send('POST', '/v1/auth/login', { email: customer.email, password: PASSWORD }),
      ];
      await eventually('the others to wait for the account', async () => {
        const waits = await stores.rows(
          'users',
          `SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`,
        );
        return waits.length >= 1;
      });
      return [first, ...later] as const;
    });
    expect((await erased).status).toBe(202);
    await ranAgain(customer);
    const { email, name, phone } = await account(customer);
    expect({ email, name, phone }).toEqual({
      email: `erased-${customer.userId}@erased.invalid`,
      name: 'erased',
      phone: null,
    });
    for (const table of ['addresses', 'sessions', 'carts', 'account_tokens']) {
      expect(await stores.rows('users', `SELECT 1 FROM ${table} WHERE user_id = $1`, [customer.userId])).toEqual([]);
    }
  });
});

describe('an erasure', () => {
  it('waits for an order that was placed meanwhile, and goes on when it has arrived', async () => {
    const [customer, buyer, admin] = await Promise.all([shop.customer(0), shop.customer(0), shop.admin()]);
    const order = await buyer.buy((await shop.product(5)).id);
    await buyer.orderInStatus(order.id, 'processing');
    expect((await erase(customer)).status).toBe(202);
    await stepsToBe(customer, 'done', (steps) => steps.every(({ runs }) => runs > 0));
    // As a request under way would have placed it.
    await stores.rows('orders', 'UPDATE orders SET user_id = $2 WHERE id = $1', [order.id, customer.userId]);
    const waiting = await ranAgain(customer);
    expect(waiting.find(({ step }) => step === 'orders')?.waits_for).toContain(order.id);
    expect(await streetOf(order.id)).toBe(ADDRESS.street);

    await admin.post(`/v1/admin/orders/${order.id}/ship`, { carrier: 'UPS', trackingNumber: '1Z' });
    await admin.post(`/v1/admin/orders/${order.id}/deliver`);
    const done = await ranAgain(customer);
    expect(done.map(({ waits_for: waitsFor }) => waitsFor)).toEqual(STEPS.map(() => null));
    expect(await streetOf(order.id)).toBe('erased');
  });

  /** A customer whose only order is cancelled and paid back. */
  async function withCancelledOrder() {
    const customer = await shop.customer(0);
    const order = await customer.buy((await shop.product(5)).id);
    await customer.orderInStatus(order.id, 'processing');
    await customer.send('POST', `/v1/orders/${order.id}/cancel`);
    await customer.paymentInStatus(order.id, 'refunded');
    return { customer, order };
  }

  it('is taken up again, does all of it anew, and harms nothing by it', async () => {
    const { customer, order } = await withCancelledOrder();
    expect((await erase(customer)).status).toBe(202);
    await stepsToBe(customer, 'done', (steps) => steps.every(({ runs }) => runs > 0));
    const version = () => stores.row('orders', 'SELECT version FROM orders WHERE id = $1', [order.id]);
    const before = await version();
    await ranAgain(customer);
    expect(await version()).toEqual(before);

    // As a server that died right after the account ended would have left them.
    const address = JSON.stringify({ id: randomUUID(), ...ADDRESS });
    await stores.rows('orders', 'UPDATE orders SET shipping_address = $2 WHERE id = $1', [order.id, address]);
    await stores.rows('products', 'UPDATE checkouts SET shipping_address = $2 WHERE user_id = $1', [
      customer.userId,
      address,
    ]);
    await stores.redis.set(`user:${customer.userId}:profile`, JSON.stringify({ version: 1, profile: { name: 'Ada' } }));
    await ranAgain(customer);
    expect(await streetOf(order.id)).toBe('erased');
    const checkouts = await stores.rows(
      'products',
      `SELECT shipping_address->>'street' AS street FROM checkouts WHERE user_id = $1`,
      [customer.userId],
    );
    expect(checkouts).toEqual([{ street: 'erased' }]);
    expect(await stores.redis.get(`user:${customer.userId}:profile`)).not.toContain('Ada');
  });

  it('takes words of staff, as events of before had them, out of timelines, and nothing else', async () => {
    const { customer, order } = await withCancelledOrder();
    const plant = async (type: string, field: string) =>
      eventually(`${type} in the timeline`, async () => {
        const update = { $set: { [`detail.${field}`]: 'she moved' } };
        return (await stores.updateDocuments('order_timeline', { order_id: order.id, type }, update)) === 1;
      });
    const details = async () => {
      const documents = await stores.documents<{ type: string; detail: Record<string, unknown> }>('order_timeline', {
        order_id: order.id,
        type: { $in: ['order.cancelled', 'payment.refunded'] },
      });
      return new Map(documents.map(({ type, detail }) => [type, detail]));
    };
    await plant('order.cancelled', 'note');
    await plant('payment.refunded', 'reason');
    const before = await details();
    expect(before.get('order.cancelled')).toMatchObject({ reason: 'customer', note: 'she moved' });

    expect((await erase(customer)).status).toBe(202);
    await stepsToBe(customer, 'done', (steps) => steps.every(({ runs, last_error: e }) => runs > 0 && e === null));
    const { note, ...cancelled } = before.get('order.cancelled') ?? {};
    const { reason, ...refunded } = before.get('payment.refunded') ?? {};
    expect([note, reason]).toEqual(['she moved', 'she moved']);
    expect(await details()).toEqual(
      new Map([
        ['order.cancelled', cancelled],
        ['payment.refunded', refunded],
      ]),
    );
  });

  it('is done again from the beginning, when a store was restored from a backup', async () => {
    const { customer, order } = await withCancelledOrder();
    expect((await erase(customer)).status).toBe(202);
    await stepsToBe(customer, 'done', (steps) => steps.every(({ runs }) => runs > 0));
    await cli('erasures', SETTLED);
    const state = () =>
      stores.row<{ completed: boolean; requested_at: Date; tries: number }>(
        'users',
        'SELECT completed_at IS NOT NULL AS completed, requested_at, tries FROM erasures WHERE user_id = $1',
        [customer.userId],
      );
    const first = await state();
    expect(first.completed).toBe(true);

    const address = JSON.stringify({ id: randomUUID(), ...ADDRESS });
    await stores.rows('orders', 'UPDATE orders SET shipping_address = $2 WHERE id = $1', [order.id, address]);
    const answer: unknown = JSON.parse(await cli('erase-account', 0, [customer.userId]));
    expect(answer).toEqual({ requestedAt: expect.any(String) });
    await stepsToBe(customer, 'done', (steps) => steps.every(({ runs }) => runs > 0));
    const again = await state();
    expect(again.completed).toBe(false);
    expect(again.requested_at.getTime()).toBeGreaterThan(first.requested_at.getTime());
    expect(again.tries).toBe(1);
    expect(await streetOf(order.id)).toBe('erased');
    await cli('erasures', SETTLED);
    expect((await state()).completed).toBe(true);
    expect((await cliExit(['erase-account', randomUUID()])).code).toBe(1);

    // Outside the users database too, for whoever has to restore that one.
    const told = await eventually('its end to be told', async () => {
      const lines = await stores.documents('logs', { message: `account ${customer.userId} is to be erased` });
      return lines.length > 0 && lines;
    });
    expect(told).toHaveLength(1);
  }, 60_000);

  it('of which a store refuses its part does the rest, and tries that one again', async () => {
    const customer = await shop.customer(0);
    await customer.addToCart((await shop.product(5)).id);
    await customer.checkout(await customer.address());
    try {
      await stores.rows('products', 'REVOKE UPDATE ON checkouts FROM products_app');
      expect((await erase(customer)).status).toBe(202);
      const steps = await stepsToBe(customer, 'tried', (all) => all.every(({ runs }) => runs > 0));
      expect(steps.filter(({ last_error: error }) => error !== null).map(({ step }) => step)).toEqual(['checkouts']);
    } finally {
      await stores.rows('products', 'GRANT UPDATE ON checkouts TO products_app');
    }
    await due(customer);
    await stepsToBe(customer, 'without an error', (steps) => steps.every(({ last_error: error }) => error === null));
    const [checkout] = await stores.rows<{ street: string; status: string }>(
      'products',
      `SELECT status, shipping_address->>'street' AS street FROM checkouts WHERE user_id = $1`,
      [customer.userId],
    );
    expect(checkout).toEqual({ status: 'released', street: 'erased' });
  }, 90_000);
});

describe('an export', () => {
  it('has each of many once, whatever page it was on', async () => {
    const customer = await shop.customer(0);
    await stores.rows(
      'users',
      `INSERT INTO notifications (id, caused_by, event_id, type, channel, user_id, content, status)
       SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'sms.order_status', 'sms', $1::uuid,
              json_build_object('subject', '', 'text', 'number ' || number), 'sent'
       FROM generate_series(1, 250) AS number`,
      [customer.userId],
    );
    await stores.rows(
      'users',
      `INSERT INTO addresses (id, user_id, street, city, state, zip_code, country, created_at)
       SELECT gen_random_uuid(), $1::uuid, number || ' Main St', 'Springfield', 'IL', '62701', 'US',
              shop_now() - number % 100 * interval '1 minute'
       FROM generate_series(1, 201) AS number`,
      [customer.userId],
    );
    const { messages, addresses } = await customer.get<{
      messages: { text: string | null }[];
      addresses: { street: string }[];
    }>('/v1/users/me/export');
    // The mail that verifies the address is one more.
    expect(messages).toHaveLength(251);
    expect(new Set(messages.map(({ text }) => text)).size).toBe(251);
    expect(new Set(addresses.map(({ street }) => street)).size).toBe(201);
    expect(addresses).toHaveLength(201);
  });

  it('is of who asks alone', async () => {
    const [customer, other] = await Promise.all([shop.customer(0), shop.customer(0)]);
    const order = await other.buy((await shop.product(5)).id);
    const own = JSON.stringify(await customer.get<object>('/v1/users/me/export'));
    expect(own).toContain(customer.email);
    for (const theirs of [other.email, other.userId, order.id]) expect(own).not.toContain(theirs);
  });
});
