import { eventually } from '../support/eventually';
import { Shop, type OrderBody } from '../support/shop';
import { Stores } from '../support/stores';

const BUYERS = 40;
const UNITS = 10;

/** The promise the shop was chosen for: it never oversells, and says no clearly. */
describe(`${BUYERS} buyers at once for ${UNITS} units, through both servers`, () => {
  const shop = new Shop();
  const stores = new Stores();
  afterAll(() => stores.close());

  it(`confirms exactly ${UNITS} orders; the others are told there is none left`, async () => {
    const product = await shop.product(UNITS);
    const buyers = await Promise.all(
      Array.from({ length: BUYERS }, async (_, i) => {
        const customer = await shop.customer(i % shop.stack.apiUrls.length);
        await customer.addToCart(product.id);
        return { customer, addressId: await customer.address() };
      }),
    );

    const answers = await Promise.all(
      buyers.map(async ({ customer, addressId }) => {
        const checkout = await customer.tryCheckout(addressId);
        return checkout.status === 201 ? customer.tryOrder(checkout.body.id) : checkout;
      }),
    );
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(UNITS);
    expect(statuses.filter((status) => status === 409)).toHaveLength(BUYERS - UNITS);
    for (const answer of answers.filter(({ status }) => status === 409)) {
      expect(answer.body).toMatchObject({
        code: 'checkout.out_of_stock',
        items: [{ productId: product.id, available: 0 }],
      });
    }

    const admin = await shop.admin();
    const placed = answers.filter(({ status }) => status === 201).map(({ body }) => body.id);
    await eventually(
      'all to be paid',
      async () => {
        const orders = await Promise.all(placed.map((id) => admin.get<OrderBody>(`/v1/orders/${id}`)));
        return orders.every((order) => order.payment.status === 'succeeded' && order.status !== 'pending');
      },
      20_000,
    );
    await eventually('the stock to be 0, with nothing reserved', async () => {
      const stock = await stores.row<{ quantity: number; reserved_quantity: number }>(
        'products',
        'SELECT quantity, reserved_quantity FROM inventory WHERE product_id = $1',
        [product.id],
      );
      return stock.quantity === 0 && stock.reserved_quantity === 0;
    });
    const ledger = await stores.row<{ sum: string }>(
      'products',
      'SELECT sum(delta) AS sum FROM stock_movements WHERE product_id = $1',
      [product.id],
    );
    expect(Number(ledger.sum)).toBe(0);
  });
});
