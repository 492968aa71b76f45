import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { eventually } from '../../support/eventually';
import { metric } from '../../support/metrics';
import { Shop, type ListedCharge, type OrderBody } from '../../support/shop';
import { Stores } from '../../support/stores';

const SECRET = process.env['PAYMENT_WEBHOOK_SECRET'] ?? '';

interface Charge extends ListedCharge {
  idempotencyKey: string;
  currency: string;
}

/** What the provider tells us, as it signs it, and as others would like to. */
describe('webhooks of the provider', () => {
  const shop = new Shop();
  const stores = new Stores();
  let order: OrderBody;
  let charge: Charge;

  beforeAll(async () => {
    const customer = await shop.customer();
    const product = await shop.product(3);
    order = await customer.buy(product.id);
    await customer.orderInStatus(order.id, 'processing');
    const response = await fetch(`${shop.stack.providerUrl}/charges?orderId=${order.id}`);
    const charges: Charge[] = JSON.parse(await response.text());
    const [found] = charges;
    if (!found) throw new Error('nothing was charged');
    charge = found;
  });
  afterAll(() => stores.close());

  const message = (about: object, type = 'charge.succeeded') => ({
    id: `evt_${randomUUID()}`,
    type,
    createdAt: new Date().toISOString(),
    data: { charge: about },
  });

  async function tell(
    event: { id: string },
    secret = SECRET,
    provider = 'sandbox',
    at = new Date(),
  ): Promise<Response> {
    const body = JSON.stringify(event);
    return fetch(`${shop.stack.apiUrls[0]}/v1/webhooks/payments/${provider}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': event.id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(secret).sign(event.id, at, body),
      },
      body,
    });
  }

  const kept = (eventId: string) =>
    stores.rows<{ applied: boolean }>(
      'orders',
      `SELECT applied_at IS NOT NULL AS applied FROM provider_events WHERE provider = 'sandbox' AND event_id = $1`,
      [eventId],
    );
  const tellings = () =>
    stores.rows('orders', `SELECT type FROM outbox WHERE order_id = $1 AND type LIKE 'payment.%' ORDER BY position`, [
      order.id,
    ]);

  it('are taken when signed, and kept once however often they come', async () => {
    const event = message(charge);
    const before = await tellings();
    expect((await tell(event)).status).toBe(204);
    const again = await Promise.all([tell(event), tell(event)]);
    expect(again.map(({ status }) => status)).toEqual([204, 204]);
    expect(await kept(event.id)).toEqual([{ applied: true }]);
    // What was decided stays so.
    expect(await tellings()).toEqual(before);
  });

  it('cost one statement where the payment knows already', async () => {
    // The provider's own message about it has come.
    await eventually('the first message', async () => {
      const told = await stores.rows('orders', `SELECT 1 FROM provider_events WHERE payload::text LIKE $1`, [
        `%${charge.id}%`,
      ]);
      return told.length > 0;
    });
    const { apiUrls } = shop.stack;
    const counted = async () =>
      (await metric(
        apiUrls,
        'http_request_sql_statements_total{method="POST",route="/v1/webhooks/payments/:provider"}',
      )) ?? 0;
    const before = await counted();
    expect((await tell(message(charge))).status).toBe(204);
    expect((await counted()) - before).toBe(1);
  });

  it('decide a payment, once, when they come before the answer', async () => {
    // Its own payment, that no worker takes: the provider's word is the first that we hear.
    const { id, orderId } = { id: randomUUID(), orderId: randomUUID() };
    await stores.rows(
      'orders',
      `INSERT INTO payments (id, order_id, user_id, provider, token, amount, traceparent, status, next_try_at)
       VALUES ($1, $2, $2, 'sandbox', 'tok_ok', '19.99', '', 'charging', now() + interval '1 day')`,
      [id, orderId],
    );
    const event = message(
      { ...charge, id: 'ch_declined', idempotencyKey: id, status: 'failed', failureCode: 'no' },
      'charge.failed',
    );
    await Promise.all([tell(event), tell(event), tell(message(event.data.charge, 'charge.failed'))]);
    const payment = await stores.row('orders', 'SELECT status, failure_code FROM payments WHERE id = $1', [id]);
    expect(payment).toEqual({ status: 'failed', failure_code: 'no' });
    const told = await stores.rows('orders', 'SELECT type FROM outbox WHERE subject = $1', [id]);
    expect(told).toEqual([{ type: 'payment.failed' }]);
  });

  it('are refused when someone else signed them', async () => {
    const event = message(charge);
    const answer = await tell(event, `whsec_${Buffer.from(randomUUID()).toString('base64')}`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'webhook.signature_invalid' });
    expect(await kept(event.id)).toEqual([]);
  });

  it.each([
    ['old', -301],
    ['of the future', 301],
  ])('are refused when they are %s, however well signed', async (_what, seconds) => {
    const event = message(charge);
    const answer = await tell(event, SECRET, 'sandbox', new Date(Date.now() + seconds * 1000));
    expect(answer.status).toBe(401);
    expect(await kept(event.id)).toEqual([]);
  });

  it('are refused when the body is not the one that was signed', async () => {
    const event = message(charge);
    const at = new Date();
    const answer = await fetch(`${shop.stack.apiUrls[0]}/v1/webhooks/payments/sandbox`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': event.id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(SECRET).sign(event.id, at, JSON.stringify(event)),
      },
      // The same to a parser of JSON; the signature is over the bytes.
      body: JSON.stringify(event, null, 1),
    });
    expect(answer.status).toBe(401);
  });

  it('in the wrong order end alike: a failure told after the success, a refund told before it', async () => {
    const id = randomUUID();
    await stores.rows(
      'orders',
      `INSERT INTO payments (id, order_id, user_id, provider, token, amount, traceparent, status, next_try_at)
       VALUES ($1, $2, $2, 'sandbox', 'tok_ok', '19.99', '', 'charging', now() + interval '1 day')`,
      [id, randomUUID()],
    );
    const late = { ...charge, id: `ch_${id}`, idempotencyKey: id };
    const payment = () => stores.row('orders', 'SELECT status FROM payments WHERE id = $1', [id]);
    expect((await tell(message({ ...late, status: 'refunded' }, 'charge.refunded'))).status).toBe(204);
    expect(await payment()).toEqual({ status: 'charging' });
    expect((await tell(message(late))).status).toBe(204);
    expect((await tell(message({ ...late, status: 'failed' }, 'charge.failed'))).status).toBe(204);
    expect(await payment()).not.toEqual({ status: 'failed' });
    const told = await stores.rows('orders', `SELECT type FROM outbox WHERE subject = $1 AND type LIKE 'payment.%'`, [
      id,
    ]);
    expect(told).toContainEqual({ type: 'payment.succeeded' });
    expect(told).not.toContainEqual({ type: 'payment.failed' });
  });

  it('of a type we do not know are kept, and change nothing', async () => {
    const before = await tellings();
    const event = message({ ...charge, status: 'failed' }, 'charge.disputed');
    expect((await tell(event)).status).toBe(204);
    expect(await kept(event.id)).toEqual([{ applied: true }]);
    expect(await tellings()).toEqual(before);
  });

  it('are refused unsigned', async () => {
    const answer = await fetch(`${shop.stack.apiUrls[0]}/v1/webhooks/payments/sandbox`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message(charge)),
    });
    expect(answer.status).toBe(401);
  });

  it('of a provider we do not know are 404', async () => {
    const answer = await tell(message(charge), SECRET, 'nobody');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'webhook.provider_unknown' });
  });

  it.each([
    ['a charge that is not ours', { idempotencyKey: 'some other shop' }],
    ['a payment that we do not have', { idempotencyKey: randomUUID() }],
    ['a status we do not know', { status: 'disputed' }],
    ['an amount that is none', { amount: 'a lot' }],
  ])('about %s change nothing', async (_what, fields) => {
    const event = message({ ...charge, ...fields });
    expect((await tell(event)).status).toBe(204);
    expect(await kept(event.id)).toEqual([{ applied: true }]);
  });

  it('are not counted against a rate limit', async () => {
    const answer = await tell(message(charge));
    expect(answer.headers.get('ratelimit')).toBeNull();
    const other = await fetch(`${shop.stack.apiUrls[0]}/v1/categories`);
    expect(other.headers.get('ratelimit')).not.toBeNull();
  });
});
