import { eventually } from '../support/eventually';
import { listed, Shop, type OrderBody, type Visitor } from '../support/shop';
import { cli, Stores } from '../support/stores';

const DAY = 86_400;

/** The session an access token names. */
function sessionOf(visitor: Visitor): string {
  const payload: { sid: string } = JSON.parse(Buffer.from(visitor.token?.split('.')[1] ?? '', 'base64url').toString());
  return payload.sid;
}

interface Mail {
  messageId: string;
  to: string;
  subject: string;
  text: string;
}

/** One order, through Nginx, from registering to reading it back from the archive. */
describe('the journey of an order', () => {
  const shop = new Shop();
  const stores = new Stores();
  let customer: Visitor;
  let admin: Visitor;
  let product: { id: string; sku: string; name: string };
  let order: OrderBody;

  const mails = async (): Promise<Mail[]> => {
    const all = await listed<Mail>(shop.stack.mailUrl);
    return all.filter((mail) => mail.to.includes(customer.email));
  };

  beforeAll(async () => {
    customer = await shop.customer();
    admin = await shop.admin();
    product = await shop.product(20, '19.99');
  });

  afterAll(() => stores.close());

  it('is found, put into the cart and checked out', async () => {
    const found = await customer.get<{ items: { id: string }[] }>(`/v1/products/search?q=${product.sku}`);
    expect(found.items.map((item) => item.id)).toEqual([product.id]);

    await customer.addToCart(product.id, 3);
    const cart = await customer.get<{ subtotal: { amount: string }; items: object[] }>('/v1/cart');
    expect(cart.subtotal.amount).toBe('59.97');
    expect(await stores.redis.exists(`cart:${customer.userId}`)).toBe(1);
    const cartTtl = await stores.redis.ttl(`cart:${customer.userId}`);
    expect(cartTtl).toBeGreaterThan(0.89 * 7 * DAY);
    expect(cartTtl).toBeLessThanOrEqual(7 * DAY);

    const addressId = await customer.address();
    const checkout = await customer.checkout(addressId);
    expect(checkout.totals.total).toEqual({ amount: '59.97', currency: 'USD' });
    const heldFor = (new Date(checkout.expiresAt).getTime() - Date.now()) / 1000;
    expect(heldFor).toBeGreaterThan(580);
    expect(heldFor).toBeLessThanOrEqual(601);

    const stock = await stores.row<{ quantity: number; reserved_quantity: number }>(
      'products',
      'SELECT quantity, reserved_quantity FROM inventory WHERE product_id = $1',
      [product.id],
    );
    expect(stock).toEqual({ quantity: 20, reserved_quantity: 3 });
    const lockTtl = await stores.redis.ttl(`inventory_lock:${product.id}`);
    expect(lockTtl).toBeGreaterThan(530);
    expect(lockTtl).toBeLessThanOrEqual(600);

    order = await customer.order(checkout.id);
    expect(order).toMatchObject({ status: 'pending', payment: { status: 'initiated' } });
    expect(order.totals.total.amount).toBe('59.97');
  });

  it('lies in Redis under the names of the design, each for its time', async () => {
    await customer.get(`/v1/products/${product.id}`);
    await customer.get('/v1/users/me');
    const sessionId = sessionOf(customer);
    const seconds: [key: string, ttl: number][] = [
      [`product:${product.id}`, 3_600],
      [`inventory:${product.id}`, 300],
      [`session:${sessionId}`, 86_400],
      [`user:${customer.userId}:profile`, 3_600],
      [`rate_limit:127.0.0.1:GET/v1/users/me`, 60],
      [`rate_limit:${customer.userId}:GET/v1/users/me`, 60],
    ];
    for (const [key, most] of seconds) {
      // The event of the hold may just have had the stock forgotten, and a minute that another test began may have ended.
      const ttl = await eventually(`${key} to be there`, async () => {
        await Promise.all([customer.get(`/v1/products/${product.id}`), customer.get('/v1/users/me')]);
        const left = await stores.redis.ttl(key);
        return left > 0 && left;
      });
      expect(ttl).toBeLessThanOrEqual(most);
      // Jitter shortens by up to a tenth; a minute's window may be nearly over.
      if (most > 60) expect(ttl).toBeGreaterThan(0.89 * most - 30);
    }
  });

  it('leaves the cart empty and its Redis key gone', async () => {
    const cart = await customer.get<{ items: object[] }>('/v1/cart');
    expect(cart.items).toEqual([]);
    expect(await stores.redis.exists(`cart:${customer.userId}`)).toBe(0);
  });

  it('is confirmed and charged once', async () => {
    await eventually(
      'a status past pending',
      async () => {
        const { status } = await customer.get<OrderBody>(`/v1/orders/${order.id}`);
        return status !== 'pending';
      },
      5_000,
    );
    const confirmed = await customer.get<OrderBody>(`/v1/orders/${order.id}`);
    expect(['confirmed', 'processing']).toContain(confirmed.status);
    expect(confirmed.payment.status).toBe('succeeded');
    const charges = await shop.charges(order.id);
    expect(charges).toHaveLength(1);
    expect(charges[0]).toMatchObject({ status: 'succeeded', amount: '59.97' });
  });

  it('has its stock committed, with a line in the ledger', async () => {
    await eventually('the stock to be committed', async () => {
      const [row] = await stores.rows<{ quantity: number; reserved_quantity: number }>(
        'products',
        'SELECT quantity, reserved_quantity FROM inventory WHERE product_id = $1 AND quantity = 17',
        [product.id],
      );
      return row?.reserved_quantity === 0;
    });
    const movements = await stores.rows<{ delta: number; cause: string }>(
      'products',
      'SELECT delta, cause FROM stock_movements WHERE product_id = $1 ORDER BY id',
      [product.id],
    );
    expect(movements).toEqual([
      { delta: 20, cause: 'admin' },
      { delta: -3, cause: 'order' },
    ]);
  });

  it('is confirmed by mail, once, with a Message-ID made from the event', async () => {
    const [mail] = await eventually('the confirmation mail', async () => {
      const found = (await mails()).filter((candidate) => candidate.subject.includes('confirmation'));
      return found.length > 0 && found;
    });
    expect(mail?.subject).toBe(`Order confirmation ${order.number}`);
    const row = await stores.row<{ event_id: string }>(
      'users',
      `SELECT event_id FROM notifications WHERE order_id = $1 AND type = 'email.order_confirmation'`,
      [order.id],
    );
    expect(mail?.messageId).toContain(row.event_id);
  });

  it('is prepared, shipped with mail and SMS, and delivered', async () => {
    await customer.orderInStatus(order.id, 'processing');
    const shipped = await admin.post<OrderBody>(`/v1/admin/orders/${order.id}/ship`, {
      carrier: 'UPS',
      trackingNumber: '1Z999',
    });
    expect(shipped).toMatchObject({ status: 'shipped', shipment: { carrier: 'UPS', trackingNumber: '1Z999' } });
    await eventually('the shipping mail', async () => (await mails()).some((mail) => mail.text.includes('1Z999')));
    await eventually('the SMS', async () => {
      const all = await listed<{ text: string }>(shop.stack.smsUrl);
      return all.some((sms) => sms.text.includes(order.number) && sms.text.includes('shipped'));
    });
    const delivered = await admin.post<OrderBody>(`/v1/admin/orders/${order.id}/deliver`);
    expect(delivered.status).toBe('delivered');
    expect((await mails()).filter((mail) => mail.subject.includes('confirmation'))).toHaveLength(1);
  });

  it('was told of on all four topics, in order, with the right keys', async () => {
    const wanted = [
      'inventory.reserved',
      'order.created',
      'payment.initiated',
      'payment.succeeded',
      'order.confirmed',
      'order.processing',
      'inventory.updated',
      'email.order_confirmation',
      'order.shipped',
      'email.shipping_update',
      'sms.order_status',
      'order.delivered',
    ];
    const events = await stores.messagesOf(order.id, (got) => wanted.every((type) => got.some((e) => e.type === type)));
    expect(new Set(events.map((event) => event.type))).toEqual(new Set(wanted));
    expect(new Set(events.map((event) => event.topic)).size).toBe(4);
    for (const event of events) {
      const key = event.topic === 'inventory-events' ? event.subject : order.id;
      expect(event.key).toBe(key);
    }
    const life = events.filter((event) => event.topic === 'order-events');
    expect(life.map((event) => event.type)).toEqual([
      'order.created',
      'order.confirmed',
      'order.processing',
      'order.shipped',
      'order.delivered',
    ]);
    expect([...life].sort((a, b) => (a.sequence < b.sequence ? -1 : 1))).toEqual(life);
  });

  it('shows what happened, short for the customer and full for staff', async () => {
    const seen = await eventually('the whole timeline', async () => {
      const { items } = await customer.get<{ items: { type: string; traceId: string | null; detail: object }[] }>(
        `/v1/orders/${order.id}/timeline`,
      );
      return items.some((item) => item.type === 'order.delivered') && items.length >= 14 && items;
    });
    expect(seen.every((item) => item.traceId !== null)).toBe(true);
    expect(JSON.stringify(seen)).not.toContain('chargeId');
    const staff = await admin.get<object>(`/v1/orders/${order.id}/timeline`);
    expect(JSON.stringify(staff)).toContain('chargeId');
    const stranger = await shop.customer();
    expect((await stranger.send('GET', `/v1/orders/${order.id}/timeline`)).status).toBe(404);
    expect((await stranger.send('GET', `/v1/orders/${order.id}`)).status).toBe(404);
  });

  it('has rows in all three databases', async () => {
    const [placed] = await stores.rows<{ status: string; total_amount: string }>(
      'orders',
      'SELECT status, total_amount FROM orders WHERE id = $1',
      [order.id],
    );
    expect(placed).toEqual({ status: 'delivered', total_amount: '59.97' });
    const held = await stores.rows<{ status: string }>(
      'products',
      'SELECT status FROM reservations WHERE order_id = $1',
      [order.id],
    );
    expect(held).toEqual([{ status: 'committed' }]);
    const user = await stores.row<{ email: string }>('users', 'SELECT email FROM users WHERE id = $1', [
      customer.userId,
    ]);
    expect(user.email).toBe(customer.email);
    expect(await stores.redis.exists(`cart:${customer.userId}`)).toBe(0);
  });

  it('moves to the archive after 30 days, and every read answers the same', async () => {
    const before = await customer.get<OrderBody>(`/v1/orders/${order.id}`);
    const listBefore = await customer.get<object>('/v1/orders');

    await cli('archive', 31 * DAY);
    const documents = await stores.documents('order_history', { order_id: order.id });
    expect(documents).toHaveLength(1);
    expect(documents[0]).toMatchObject({
      user_id: customer.userId,
      status: 'delivered',
      total_amount: { $numberDecimal: '59.97' },
      items: [{ product_id: product.id, quantity: 3, price: { $numberDecimal: '19.99' } }],
      metadata: { payment_method: 'sandbox', shipping_carrier: 'UPS', tracking_number: '1Z999' },
    });
    expect(await customer.get<object>('/v1/orders')).toEqual(listBefore);

    await cli('archive', 34 * DAY);
    expect(await stores.rows('orders', 'SELECT id FROM orders WHERE id = $1', [order.id])).toEqual([]);
    expect(await stores.rows('orders', 'SELECT id FROM payments WHERE order_id = $1', [order.id])).toHaveLength(1);

    expect(await customer.get<OrderBody>(`/v1/orders/${order.id}`)).toEqual(before);
    expect(await customer.get<object>('/v1/orders')).toEqual(listBefore);
    const { items } = await customer.get<{ items: object[] }>(`/v1/orders/${order.id}/timeline`);
    expect(items.length).toBeGreaterThanOrEqual(14);
    expect(await stores.documents('order_history', { order_id: order.id })).toHaveLength(1);
  }, 90_000);
});
