import { eventually } from '../support/eventually';
import { Shop, type CheckoutBody } from '../support/shop';
import { Stores } from '../support/stores';
import { whileLocked } from '../support/table-lock';

/** Two tabs on one cart: the second checks out while the first is placing, and then both place, each with its own key. */
describe('two checkouts of one cart, placed at once', () => {
  const shop = new Shop();
  const stores = new Stores();
  afterAll(() => stores.close());

  it('become one order and one charge; the other is told, and its stock is free at once', async () => {
    const product = await shop.product(5);
    const customer = await shop.customer();
    await customer.addToCart(product.id, 2);
    const addressId = await customer.address();
    const first = await customer.checkout(addressId);
    // The first tab's checkout is claimed, but not placed: a new checkout does not release it, and the cart is full yet.
    const { placing, second } = await whileLocked('orders', 'placements', async (waiting) => {
      const requests = [customer.tryOrder(first.id)];
      await waiting(1);
      const other = await customer.checkout(addressId);
      requests.push(customer.tryOrder(other.id));
      await waiting(2);
      return { placing: requests, second: other };
    });
    const answers = await Promise.all(placing);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('order.cart_already_ordered');

    const winner = answers.findIndex(({ status }) => status === 201);
    const orderId = answers[winner]?.body.id ?? '';
    await customer.orderInStatus(orderId, 'processing');
    expect(await shop.charges(orderId)).toHaveLength(1);
    // Long before the reaper would come by.
    await eventually('two of five to be sold and none to be held', async () => {
      const stock = await stores.row<{ quantity: number; reserved: number }>(
        'products',
        'SELECT quantity, reserved_quantity AS reserved FROM inventory WHERE product_id = $1',
        [product.id],
      );
      return stock.quantity === 3 && stock.reserved === 0;
    });
    const loser = winner === 0 ? second.id : first.id;
    expect((await customer.get<CheckoutBody>(`/v1/checkouts/${loser}`)).status).toBe('released');
    const orders = await stores.rows('orders', 'SELECT 1 FROM orders WHERE user_id = $1', [customer.userId]);
    expect(orders).toHaveLength(1);
  });
});
