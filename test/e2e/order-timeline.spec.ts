import { randomBytes, randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually';
import type { TimelineItem } from '../support/event-stream';
import { bringBack } from '../support/outage';
import { Shop, type OrderBody, type Visitor } from '../support/shop';
import { stackCommand, Stores } from '../support/stores';

interface Timeline {
  items: TimelineItem[];
  incomplete: string[];
}

/** What support asks first: what happened to this order, and what failed? */
describe('the timeline of an order', () => {
  const shop = new Shop();
  const stores = new Stores();
  const requestId = `case-${randomUUID()}`;
  const traceId = randomBytes(16).toString('hex');
  let customer: Visitor;
  let admin: Visitor;
  let orderId: string;

  const timelineOf = (visitor: Visitor, id = orderId) => visitor.get<Timeline>(`/v1/orders/${id}/timeline`);
  const ofType = (items: readonly TimelineItem[], type: string) => items.filter((item) => item.type === type);
  const mailTries = (items: readonly TimelineItem[]) =>
    ofType(items, 'notification.attempt').filter(({ source }) => source === 'mail');

  beforeAll(async () => {
    customer = await shop.customer();
    admin = await shop.admin();
    const product = await shop.product(5);
    await customer.addToCart(product.id, 2);
    const checkout = await customer.checkout(await customer.address());
    await stackCommand('stop', 'mailbox');
    const placed = await customer.send<OrderBody>(
      'POST',
      '/v1/orders',
      { checkoutId: checkout.id, payment: { provider: 'sandbox', token: 'tok_ok' } },
      {
        'idempotency-key': randomUUID(),
        'x-request-id': requestId,
        traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
      },
    );
    orderId = placed.body.id;
    await customer.orderInStatus(orderId, 'processing');
    await eventually('a mail that fails', async () => {
      const { items } = await timelineOf(admin);
      return mailTries(items).some(({ failure }) => failure !== null);
    });
    await stackCommand('start', 'mailbox');
    await eventually(
      'the mail to be sent after all, and everything heard',
      async () => {
        const { items } = await timelineOf(admin);
        const heard = ofType(items, 'event.consumed').filter(({ detail }) => detail['group'] === 'tradepost-history');
        const told = ofType(items, 'provider.webhook').length > 0;
        return told && heard.length >= 8 && mailTries(items).at(-1)?.detail['outcome'] === 'sent';
      },
      45_000,
    );
  }, 120_000);

  afterAll(async () => {
    await bringBack('mailbox', 'mongo');
    stores.close();
  }, 60_000);

  it('shows staff the way from the request to the mail, with the tries that failed', async () => {
    const { items, incomplete } = await timelineOf(admin);
    expect(incomplete).toEqual([]);
    expect(items.map(({ at }) => at)).toEqual(items.map(({ at }) => at).sort());
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);

    const order = ['http.request', 'order.created', 'payment.attempt', 'payment.succeeded', 'shipment.prepared'];
    const firsts = order.map((type) => items.findIndex((item) => item.type === type && item.traceId !== null));
    expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    expect(firsts).not.toContain(-1);
    // What the provider's webhook decides before its answer comes goes on in the webhook's trace.
    for (const type of ['http.request', 'order.created', 'hold.claimed', 'payment.attempt']) {
      expect(ofType(items, type).map((item) => item.traceId)).toContain(traceId);
    }

    expect(ofType(items, 'http.request').map(({ detail }) => detail)).toContainEqual({
      requestId,
      route: 'POST /v1/orders',
    });
    expect(items.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['hold.held', 'hold.claimed', 'hold.committed', 'provider.webhook']),
    );
    expect(ofType(items, 'payment.attempt')).toMatchObject([
      { source: 'provider', detail: { try: 1, kind: 'charge', outcome: 'succeeded' }, failure: null, traceId },
    ]);

    const [first, ...later] = mailTries(items);
    const told = ofType(items, 'email.order_confirmation')[0]?.traceId;
    expect(first).toMatchObject({ detail: { try: 1, outcome: 'failed' }, traceId: told });
    expect(first?.failure).toContain('ECONNREFUSED');
    expect(later.at(-1)).toMatchObject({ detail: { outcome: 'sent' }, failure: null, traceId: told });
  });

  it('follows each event through Kafka', async () => {
    const { items } = await timelineOf(admin);
    const confirmed = ofType(items, 'order.confirmed')[0];
    const published = ofType(items, 'event.published').find(({ detail }) => detail['eventId'] === confirmed?.id);
    expect(published).toMatchObject({
      source: 'kafka',
      detail: { topic: 'order-events' },
      traceId: confirmed?.traceId,
    });
    const heardBy = ofType(items, 'event.consumed')
      .filter(({ detail }) => detail['eventId'] === confirmed?.id)
      .map(({ detail }) => detail['group'])
      // Hears of it only while someone outside has asked for it.
      .filter((group) => group !== 'tradepost-webhooks');
    expect(heardBy.sort()).toEqual([
      'tradepost-history',
      'tradepost-inventory',
      'tradepost-notifications',
      'tradepost-shipping',
    ]);
  });

  it('is short for the customer', async () => {
    const { items } = await timelineOf(customer);
    const sources = new Set(items.map(({ source }) => source));
    expect(sources).toEqual(new Set(['order', 'stock', 'payment', 'shipment', 'mail']));
    const shown = new Set(items.flatMap(({ detail }) => Object.keys(detail)));
    expect([...shown].sort()).toEqual(['amount', 'number', 'total']);
    expect(items.every(({ failure }) => failure === null)).toBe(true);
    expect(JSON.stringify(items)).not.toMatch(/ECONNREFUSED|tradepost-|chargeId|requestId/);
  });

  it("is nobody else's", async () => {
    const stranger = await shop.customer();
    expect(await stranger.send('GET', `/v1/orders/${orderId}/timeline`)).toMatchObject({
      status: 404,
      body: { code: 'order.not_found' },
    });
    expect((await shop.visitor().send('GET', `/v1/orders/${orderId}/timeline`)).status).toBe(401);
    expect((await admin.send('GET', `/v1/orders/${randomUUID()}/timeline`)).status).toBe(404);
  });

  it('says why a payment failed: to customers in words, to staff as the provider did', async () => {
    const product = await shop.product(5);
    const { id } = await customer.buy(product.id, 1, 'tok_declined');
    await customer.orderInStatus(id, 'cancelled');
    const seen = await timelineOf(customer, id);
    expect(ofType(seen.items, 'payment.failed')).toMatchObject([
      { source: 'payment', failure: 'The card was declined.', detail: { failureCode: 'card_declined' } },
    ]);
    // The provider's webhook may have decided the order before the worker has written down what it was answered.
    const full = await eventually('the attempt to be over', async () => {
      const timeline = await timelineOf(admin, id);
      return (
        ofType(timeline.items, 'payment.attempt').every(({ detail }) => detail['outcome'] !== 'started') && timeline
      );
    });
    expect(ofType(full.items, 'payment.attempt')).toMatchObject([
      { detail: { outcome: 'failed', answer: 'card_declined' }, failure: 'failed: card_declined' },
    ]);
    expect(ofType(full.items, 'payment.failed')).toMatchObject([{ failure: 'card_declined' }]);
  });

  it('shows staff what a listener could not act upon', async () => {
    await stores.rows(
      'orders',
      `INSERT INTO dead_letters (id, dlq_topic, dlq_partition, dlq_offset, failed_at, listener_group, topic, event_type,
         order_id, headers, error, stack)
       VALUES (gen_random_uuid(), 'order-events.dlq', 0, 900000001, now(), 'tradepost-inventory', 'order-events',
         'order.confirmed', $1, '[]', 'the row is broken', '')`,
      [orderId],
    );
    const [dead] = ofType((await timelineOf(admin)).items, 'event.dead_letter');
    expect(dead).toMatchObject({ source: 'kafka', failure: 'the row is broken', detail: { status: 'open' } });
    expect(ofType((await timelineOf(customer)).items, 'event.dead_letter')).toEqual([]);
    await stores.rows('orders', `DELETE FROM dead_letters WHERE order_id = $1`, [orderId]);
  });

  it('is there while MongoDB is away', async () => {
    await stackCommand('stop', 'mongo');
    const seen = await timelineOf(customer);
    expect(seen.incomplete).toEqual([]);
    expect(seen.items.map(({ type }) => type)).toEqual(expect.arrayContaining(['order.created', 'order.processing']));
    const full = await timelineOf(admin);
    expect(full.incomplete).toEqual(['mongo']);
    expect(full.items.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['http.request', 'order.created', 'event.published', 'notification.attempt']),
    );
    await stackCommand('start', 'mongo');
    await eventually(
      'MongoDB to be asked again',
      async () => (await timelineOf(admin)).incomplete.length === 0,
      30_000,
    );
  }, 90_000);

  it('outlives the outboxes', async () => {
    const before = await timelineOf(customer);
    for (const database of ['users', 'products', 'orders'] as const) {
      await stores.rows(database, 'DELETE FROM outbox WHERE order_id = $1', [orderId]);
    }
    await stores.rows('orders', `UPDATE orders SET created_at = created_at - interval '9 days' WHERE id = $1`, [
      orderId,
    ]);
    expect(await timelineOf(customer)).toEqual(before);
    const full = await timelineOf(admin);
    expect(full.items.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['http.request', 'order.confirmed', 'event.consumed', 'payment.attempt']),
    );
  });
});
