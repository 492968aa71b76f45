import { newProduct, ownCategory, setStock, type ProductBody, type ProductPage } from '../../support/catalogue';
import { Shop, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

/** So often that each process of a server remembers the page and has seen that nothing changes. */
const OFTEN = 12;

describe('a page that is asked for again and again', () => {
  const shop = new Shop();
  const stores = new Stores();
  const servers = shop.stack.apiUrls.map((_, i) => shop.visitor(i));
  let admin: Visitor;
  let category: string;
  let product: ProductBody;

  async function ask(server: Visitor): Promise<(number | undefined)[]> {
    const available: (number | undefined)[] = [];
    for (let i = 0; i < OFTEN; i += 1) {
      const { items } = await server.get<ProductPage>(`/v1/products?category=${category}`);
      available.push(items.find(({ id }) => id === product.id)?.stock.available);
    }
    return available;
  }

  beforeAll(async () => {
    admin = await shop.admin();
    category = await ownCategory(stores, 'At rest');
    product = await admin.post<ProductBody>('/v1/admin/products', newProduct(category, {}));
    for (let i = 0; i < 3; i += 1) await admin.post<ProductBody>('/v1/admin/products', newProduct(category, {}));
  });

  afterAll(() => stores.close());

  it('shows a change of stock in the very next answer of every process that remembers it', async () => {
    for (const quantity of [4, 9, 0]) {
      await setStock(admin, product.id, quantity);
      for (const server of servers) expect(await ask(server)).toEqual(Array(OFTEN).fill(quantity));
    }
  });

  it('shows each of many changes, also where it twice finds no generation of the stock', async () => {
    const [server] = servers;
    if (!server) throw new Error('no server');
    for (const quantity of [3, 6, 2, 8, 1, 7]) {
      await setStock(admin, product.id, quantity);
      // Cached by this, so that the list finds all of its stock, but no generation.
      await server.get<ProductBody>(`/v1/products/${product.id}`);
      const { items } = await server.get<ProductPage>(`/v1/products?category=${category}`);
      expect(items.find(({ id }) => id === product.id)?.stock.available).toBe(quantity);
    }
  });

  it('shows what a checkout holds at once', async () => {
    await setStock(admin, product.id, 5);
    for (const server of servers) await ask(server);
    const customer = await shop.customer();
    await customer.addToCart(product.id, 2);
    await customer.checkout(await customer.address());
    for (const server of servers) expect(await ask(server)).toEqual(Array(OFTEN).fill(3));
  });

  it('asks Redis for no stock while none of the shop changes', async () => {
    for (const server of servers) await ask(server);
    const monitor = await stores.redis.monitor();
    const asked: string[][] = [];
    monitor.on('monitor', (_time: string, command: string[]) => {
      if (command[2] === 'stock:generation') asked.push(command.slice(1));
    });
    try {
      for (const server of servers) await ask(server);
      // What was sent before it comes before it.
      const told = new Promise<void>((resolve) => {
        monitor.on('monitor', (_time: string, command: string[]) => {
          if (command[1] === 'the end') resolve();
        });
      });
      await stores.redis.get('the end');
      await told;
    } finally {
      monitor.disconnect();
    }
    // An expiry of a hold, or an event that comes round, may end a generation meanwhile: one look more for each process.
    const alone = asked.filter((keys) => keys.length === 2);
    expect(alone.length).toBeGreaterThan((OFTEN * servers.length) / 2);
  });
});
