import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually';
import { Shop, type CheckoutBody, type OrderBody } from '../support/shop';
import { cli, Stores } from '../support/stores';

/** Orders that do not go well end well: no stock is left held, no money is left taken. */
describe('the unhappy ways', () => {
  const shop = new Shop();
  const stores = new Stores();
  afterAll(() => stores.close());

  const stockOf = (productId: string) =>
    stores.row<{ quantity: number; reserved_quantity: number }>(
      'products',
      'SELECT quantity, reserved_quantity FROM inventory WHERE product_id = $1',
      [productId],
    );
  const stockToBe = (productId: string, quantity: number) =>
    eventually(`stock of ${quantity}, none reserved`, async () => {
      const stock = await stockOf(productId);
      return stock.quantity === quantity && stock.reserved_quantity === 0;
    });

  it('declined: the order is cancelled and its stock released', async () => {
    const product = await shop.product(5);
    const customer = await shop.customer();
    const { id } = await customer.buy(product.id, 2, 'tok_declined');
    const order = await customer.orderInStatus(id, 'cancelled');
    expect(order).toMatchObject({ payment: { status: 'failed' }, cancelReason: 'payment_failed' });
    await stockToBe(product.id, 5);
  });

  it('out of stock: 409 names the items, and nothing is held', async () => {
    const product = await shop.product(2);
    const customer = await shop.customer();
    await customer.addToCart(product.id, 3);
    const answer = await customer.tryCheckout(await customer.address());
    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({
      code: 'checkout.out_of_stock',
      items: [{ productId: product.id, available: 2 }],
    });
    expect(await stockOf(product.id)).toEqual({ quantity: 2, reserved_quantity: 0 });
  });

  it('cancelled by the customer: refunded in full, stock given back; shipped no more', async () => {
    const product = await shop.product(5);
    const customer = await shop.customer();
    const { id } = await customer.buy(product.id, 2);
    await customer.orderInStatus(id, 'processing');
    await stockToBe(product.id, 3);
    const cancelled = await customer.post<OrderBody>(`/v1/orders/${id}/cancel`);
    expect(cancelled).toMatchObject({ status: 'cancelled', cancelReason: 'customer' });
    await customer.paymentInStatus(id, 'refunded');
    await stockToBe(product.id, 5);
    expect(await shop.charges(id)).toMatchObject([{ status: 'refunded', refunds: [{ amount: '39.98' }] }]);
    const admin = await shop.admin();
    const shipped = await admin.send('POST', `/v1/admin/orders/${id}/ship`, { carrier: 'UPS', trackingNumber: '1' });
    expect(shipped).toMatchObject({ status: 409, body: { code: 'order.cannot_be_shipped' } });
  });

  it('cancelled while the charge is on its way: charged, then refunded', async () => {
    const product = await shop.product(5);
    const customer = await shop.customer();
    const { id } = await customer.buy(product.id, 1, 'tok_slow');
    await eventually('the charge to be on its way', async () => {
      const row = await stores.row<{ status: string }>('orders', 'SELECT status FROM payments WHERE order_id = $1', [
        id,
      ]);
      return row.status === 'charging';
    });
    await customer.post(`/v1/orders/${id}/cancel`);
    await stockToBe(product.id, 5);
    await customer.paymentInStatus(id, 'refunded');
    expect(await shop.charges(id)).toMatchObject([{ status: 'refunded' }]);
  });

  it('a provider that fails twice, or never answers, still charges once', async () => {
    const product = await shop.product(5);
    const customer = await shop.customer();
    const flaky = await customer.buy(product.id, 1, 'tok_flaky');
    const unknown = await customer.buy(product.id, 1, 'tok_unknown');
    await eventually(
      'both to be paid',
      async () => {
        const orders = await Promise.all([flaky, unknown].map(({ id }) => customer.get<OrderBody>(`/v1/orders/${id}`)));
        return orders.every((order) => order.payment.status === 'succeeded');
      },
      25_000,
    );
    expect(await shop.charges(flaky.id)).toHaveLength(1);
    expect(await shop.charges(unknown.id)).toHaveLength(1);
  });

  it('hold expired: the stock comes back, and the checkout can not be placed', async () => {
    const product = await shop.product(5);
    const customer = await shop.customer();
    await customer.addToCart(product.id, 4);
    const checkout = await customer.checkout(await customer.address());
    expect(await stockOf(product.id)).toEqual({ quantity: 5, reserved_quantity: 4 });
    await cli('expire-holds', 601);
    await stockToBe(product.id, 5);
    expect((await customer.get<CheckoutBody>(`/v1/checkouts/${checkout.id}`)).status).toBe('expired');
    const late = await customer.tryOrder(checkout.id);
    expect(late).toMatchObject({ status: 409, body: { code: 'checkout.expired' } });
  });

  it('a second checkout releases the first; a total that is not the expected one is refused', async () => {
    const product = await shop.product(5);
    const customer = await shop.customer();
    await customer.addToCart(product.id, 4);
    const addressId = await customer.address();
    const first = await customer.checkout(addressId);
    const second = await customer.checkout(addressId);
    expect(await stockOf(product.id)).toEqual({ quantity: 5, reserved_quantity: 4 });
    expect((await customer.tryOrder(first.id)).body.code).toBe('checkout.expired');
    const drifted = await customer.send(
      'POST',
      '/v1/orders',
      {
        checkoutId: second.id,
        payment: { provider: 'sandbox', token: 'tok_ok' },
        expectedTotal: { amount: '1.00', currency: 'USD' },
      },
      { 'idempotency-key': randomUUID() },
    );
    expect(drifted).toMatchObject({
      status: 409,
      body: { code: 'checkout.total_changed', expectedTotal: { amount: '1.00' }, total: { amount: '79.96' } },
    });
    expect((await customer.send('DELETE', `/v1/checkouts/${second.id}`)).status).toBe(204);
    await stockToBe(product.id, 5);
  });

  it('a key is required, and replays only the same body', async () => {
    const product = await shop.product(5);
    const customer = await shop.customer();
    await customer.addToCart(product.id);
    const shippingAddressId = await customer.address();
    const missing = await customer.send('POST', '/v1/checkouts', { shippingAddressId });
    expect(missing).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    const key = { 'idempotency-key': randomUUID() };
    const first = await customer.send<CheckoutBody>('POST', '/v1/checkouts', { shippingAddressId }, key);
    const again = await customer.send<CheckoutBody>('POST', '/v1/checkouts', { shippingAddressId }, key);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await customer.send('POST', '/v1/checkouts', { shippingAddressId: randomUUID() }, key);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency.key_reused' } });
  });
});
