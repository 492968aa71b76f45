import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from '../support/eventually';
import { bringBack } from '../support/outage';
import { listed, Shop, type Answer, type Problem, type Visitor } from '../support/shop';
import { stackCommand, Stores } from '../support/stores';

/** Everything that was down answers again within this time of its start, without a restart of the shop. */
const BACK_WITHIN_MS = 30_000;
/** A request that cannot be served says so soon: the caller's patience is not ours. */
const REFUSED_WITHIN_MS = 8_000;

interface Ready {
  status: string;
  dependencies: Record<string, string>;
}

/** Whether each of its threads stands: the signal is there at once, but on a busy machine some answer for a while yet. */
function stands(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) =>
    / T \d/.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')),
  );
}

/** One part after the other is gone: what does not need it works, the rest says 503, and all comes back by itself. */
describe('with a part down', () => {
  const shop = new Shop();
  const stores = new Stores();
  let customer: Visitor;
  let product: { id: string; name: string };
  let addressId: string;
  let paid: string;

  beforeAll(async () => {
    product = await shop.product(100);
    customer = await shop.customer();
    addressId = await customer.address();
    paid = (await customer.buy(product.id)).id;
    await customer.orderInStatus(paid, 'processing', 60_000);
  }, 120_000);

  /** Whatever a test has stopped runs again for the next. */
  afterEach(async () => {
    await bringBack('postgres', 'redis', 'kafka', 'mongo', 'provider');
  }, 180_000);
  afterAll(() => stores.close());

  async function ready(status: string, withinMs = BACK_WITHIN_MS): Promise<Ready['dependencies']> {
    return eventually(
      `the shop to be ${status}`,
      async () => {
        const { body } = await shop.visitor(0).send<Ready>('GET', '/health/ready');
        return body.status === status && body.dependencies;
      },
      withinMs,
    );
  }

  /** Readiness and metrics both name what is missing, and nothing else. */
  async function missing(dependency: string): Promise<void> {
    const dependencies = await ready('degraded');
    expect(Object.keys(dependencies).filter((name) => dependencies[name] === 'down')).toEqual([dependency]);
    const metrics = await (await fetch(`${shop.stack.apiUrls[0]}/metrics`)).text();
    expect(metrics).toContain(`dependency_up{dependency="${dependency}"} 0`);
  }

  async function refused(...asked: Promise<Answer<Problem>>[]): Promise<void> {
    const started = Date.now();
    for (const answer of await Promise.all(asked)) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(Date.now() - started).toBeLessThan(REFUSED_WITHIN_MS);
  }

  async function catalogueWorks(): Promise<void> {
    const visitor = shop.visitor();
    await visitor.get('/v1/products?pageSize=5');
    await visitor.get(`/v1/products/${product.id}`);
    await visitor.get('/v1/categories');
    // Words nobody has searched for before are in no cache.
    await visitor.get(`/v1/products/search?q=${encodeURIComponent(`${product.name} ${Date.now()}`)}`);
  }

  async function login(): Promise<Answer<Problem>> {
    const credentials = { email: customer.email, password: 'correct horse battery' };
    return shop.visitor().send('POST', '/v1/auth/login', credentials);
  }

  it('Redis: slower, and nothing else', async () => {
    await stackCommand('stop', 'redis');
    await missing('redis');
    await catalogueWorks();
    const newcomer = await shop.customer();
    expect((await login()).status).toBe(200);
    const { id } = await newcomer.buy(product.id, 2);
    await newcomer.orderInStatus(id, 'processing', 60_000);
    await newcomer.get('/v1/orders');
    await customer.get('/v1/cart');
    await stackCommand('start', 'redis');
    await ready('ok');
    await customer.get(`/v1/products/${product.id}`);
    await eventually('the cache to be filled again', async () => {
      await shop.visitor().get(`/v1/products/${product.id}`);
      return (await stores.redis.exists(`product:${product.id}`)) === 1;
    });
  }, 180_000);

  it('Kafka: orders are taken and wait; back, they are confirmed, committed and mailed', async () => {
    const stock = () =>
      stores.row<{ quantity: number; reserved_quantity: number }>(
        'products',
        'SELECT quantity, reserved_quantity FROM inventory WHERE product_id = $1',
        [product.id],
      );
    const before = await stock();
    await stackCommand('stop', 'kafka');
    await missing('kafka');
    await catalogueWorks();
    const { id } = await customer.buy(product.id, 3);
    expect((await stock()).quantity).toBe(before.quantity);
    await customer.get(`/v1/orders/${id}`);
    const unpublished = await stores.row<{ n: number }>(
      'orders',
      'SELECT count(*)::int AS n FROM outbox WHERE order_id = $1 AND published_at IS NULL',
      [id],
    );
    expect(unpublished.n).toBeGreaterThan(0);
    await stackCommand('start', 'kafka');
    await customer.orderInStatus(id, 'processing', 120_000);
    await eventually(
      'the stock to be committed',
      async () => (await stock()).quantity === before.quantity - 3,
      BACK_WITHIN_MS,
    );
    await eventually(
      'the confirmation to be mailed',
      async () => {
        const mails = await listed<{ to: string; subject: string }>(shop.stack.mailUrl);
        const { number } = await customer.get<{ number: string }>(`/v1/orders/${id}`);
        return mails.some(({ to, subject }) => to === customer.email && subject === `Order confirmation ${number}`);
      },
      BACK_WITHIN_MS,
    );
  }, 300_000);

  it('MongoDB: only what lies there waits, and no timeline misses anything after', async () => {
    await stackCommand('stop', 'mongo');
    await missing('mongo');
    await catalogueWorks();
    const { id } = await customer.buy(product.id);
    await customer.orderInStatus(id, 'processing', 60_000);
    await refused(
      customer.send('GET', '/v1/orders'),
      customer.send('GET', '/v1/orders/00000000-0000-4000-8000-000000000000'),
    );
    // Of a young order PostgreSQL knows enough; only staff see what is missing.
    const short = await customer.get<{ items: { type: string }[] }>(`/v1/orders/${id}/timeline`);
    expect(short.items.map(({ type }) => type)).toContain('order.confirmed');
    const admin = await shop.admin();
    expect(await admin.get(`/v1/orders/${id}/timeline`)).toMatchObject({ incomplete: ['mongo'] });
    await stackCommand('start', 'mongo');
    await eventually(
      'the history to fill',
      async () => {
        const kept = await stores.documents<{ type: string }>('order_timeline', { order_id: id });
        const types = kept.map(({ type }) => type);
        return ['order.created', 'payment.succeeded', 'order.confirmed', 'order.processing'].every((type) =>
          types.includes(type),
        );
      },
      60_000,
    );
    await customer.get('/v1/orders');
  }, 240_000);

  it('MongoDB that hangs: refused as soon as when it is down, and back at once', async () => {
    const { pids }: { pids: { mongo: number } } = JSON.parse(readFileSync(process.env['STACK_FILE'] ?? '', 'utf8'));
    // A connection of each worker is in use, as in a shop that is open.
    await Promise.all(Array.from({ length: 10 }, () => customer.get('/v1/orders')));
    process.kill(pids.mongo, 'SIGSTOP');
    try {
      await eventually('MongoDB to stand still', () => Promise.resolve(stands(pids.mongo)));
      await refused(
        customer.send('GET', '/v1/orders'),
        customer.send('GET', '/v1/orders/00000000-0000-4000-8000-000000000000'),
      );
      await customer.get(`/v1/orders/${paid}`);
    } finally {
      process.kill(pids.mongo, 'SIGCONT');
    }
    await eventually(
      'the list to be there',
      async () => (await customer.send('GET', '/v1/orders')).status === 200,
      BACK_WITHIN_MS,
    );
  }, 120_000);

  it('the payment provider: orders are taken and wait, and each is charged once', async () => {
    await stackCommand('stop', 'provider');
    const orders: string[] = [];
    for (let i = 0; i < 4; i += 1) orders.push((await customer.buy(product.id)).id);
    await eventually(
      'a circuit to open',
      async () => {
        const servers = await Promise.all(
          shop.stack.apiUrls.map(async (url) => (await fetch(`${url}/metrics`)).text()),
        );
        return servers.some((metrics) => /^payment_circuit_opens_total [1-9]/m.test(metrics));
      },
      60_000,
    );
    for (const id of orders) {
      expect((await customer.get<{ status: string }>(`/v1/orders/${id}`)).status).toBe('pending');
    }
    await stackCommand('start', 'provider');
    for (const id of orders) {
      await customer.orderInStatus(id, 'processing', 60_000);
      expect(await shop.charges(id)).toHaveLength(1);
    }
  }, 240_000);

  describe('of PostgreSQL', () => {
    it('users: the catalogue is open to all; nobody signs in or buys', async () => {
      await stackCommand('stop', 'postgres-users');
      await missing('postgres-users');
      await catalogueWorks();
      await refused(login(), customer.send('POST', '/v1/cart/items', { productId: product.id, quantity: 1 }));
      await refused(customer.tryCheckout(addressId), customer.tryOrder(product.id));
      await stackCommand('start', 'postgres-users');
      await eventually('to sign in', async () => (await login()).status === 200, BACK_WITHIN_MS);
      const { id } = await customer.buy(product.id);
      await customer.orderInStatus(id, 'processing', 60_000);
    }, 180_000);

    it('products: orders are read, customers sign in; nothing is sold', async () => {
      await customer.addToCart(product.id);
      const before = await customer.checkout(addressId);
      await stackCommand('stop', 'postgres-products');
      await missing('postgres-products');
      expect((await login()).status).toBe(200);
      await customer.get(`/v1/orders/${paid}`);
      await customer.get('/v1/orders');
      await customer.get('/v1/users/me');
      await refused(
        customer.tryCheckout(addressId),
        customer.tryOrder(before.id),
        customer.send('GET', `/v1/products/search?q=${Date.now()}`),
      );
      await stackCommand('start', 'postgres-products');
      // The hold is where it was.
      const order = await eventually(
        'to place the order',
        async () => {
          const answer = await customer.tryOrder(before.id);
          return answer.status === 201 && answer.body;
        },
        BACK_WITHIN_MS,
      );
      await customer.orderInStatus(order.id, 'processing', 60_000);
    }, 180_000);

    it('orders: catalogue, cart and checkout work; orders wait to be placed and read', async () => {
      await stackCommand('stop', 'postgres-orders');
      await missing('postgres-orders');
      await catalogueWorks();
      expect((await login()).status).toBe(200);
      await customer.addToCart(product.id);
      const checkout = await customer.checkout(addressId);
      await refused(
        customer.tryOrder(checkout.id),
        customer.send('GET', `/v1/orders/${paid}`),
        customer.send('GET', '/v1/orders'),
      );
      await stackCommand('start', 'postgres-orders');
      const order = await eventually(
        'to place the order',
        async () => {
          const answer = await customer.tryOrder(checkout.id);
          return answer.status === 201 && answer.body;
        },
        BACK_WITHIN_MS,
      );
      await customer.orderInStatus(order.id, 'processing', 60_000);
      expect(await shop.charges(order.id)).toHaveLength(1);
    }, 180_000);
  });
});
