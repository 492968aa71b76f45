import { OwnServer } from '../support/own-server';
import { Shop, Visitor } from '../support/shop';

const PORT = 4120;

/** Nothing takes a second connection while it holds one: else a few requests at once would wait for each other for ever. */
describe('a server whose workers have one connection to each database', () => {
  const shop = new Shop();
  let server: OwnServer;

  beforeAll(async () => {
    // Four a server: two HTTP workers with one each, one for the background worker and one for its relay.
    server = await OwnServer.start(PORT, { WEB_CONCURRENCY: '2', SERVER_DB_POOL: '4' });
  }, 90_000);

  afterAll(async () => {
    await server.stop();
  }, 30_000);

  it('sells to several customers at once', async () => {
    const product = await shop.product(10);
    const customers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const customer = await shop.customer();
        return new Visitor(server.visitor.baseUrl, customer.token, customer.userId, customer.email);
      }),
    );
    await Promise.all(
      customers.map(async (customer) => {
        const { id } = await customer.buy(product.id);
        await customer.orderInStatus(id, 'processing');
      }),
    );
  }, 60_000);
});
