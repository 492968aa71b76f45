import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  bodyOf,
  ProblemError,
  signIn,
  tradepost,
  type Schemas,
  type Tradepost,
} from '../../clients/typescript/src/client';
import { eventually } from '../support/eventually';
import { Shop } from '../support/shop';

const ROOT = join(__dirname, '..', '..');
const CLIENT = join(ROOT, 'clients/typescript');

/** What an integrator has: the generated client and nothing else of us. */
describe('the TypeScript client', () => {
  const shop = new Shop();
  const { baseUrl, admin: account } = shop.stack;
  const password = 'correct horse battery';

  async function newCustomer(): Promise<Tradepost> {
    const email = `client-${randomUUID()}@example.com`;
    const body = { email, password, name: 'Ada Example' };
    const { accessToken } = bodyOf(await tradepost(baseUrl).POST('/v1/auth/register', { body }));
    return tradepost(baseUrl, accessToken);
  }

  const withKey = () => ({ header: { 'Idempotency-Key': randomUUID() } });

  async function orderThat(
    customer: Tradepost,
    id: string,
    what: string,
    isSo: (order: Schemas['Order']) => boolean,
  ): Promise<Schemas['Order']> {
    return eventually(`the order to be ${what}`, async () => {
      const order = bodyOf(await customer.GET('/v1/orders/{id}', { params: { path: { id } } }));
      return isSo(order) && order;
    });
  }

  it('is made from the committed document: else `npm run client`', () => {
    const script = join(ROOT, 'node_modules/openapi-typescript/bin/cli.js');
    const files = ['clients/openapi.json', '--output', 'clients/typescript/src/schema.d.ts'];
    const made = spawnSync(process.execPath, [script, ...files, '--alphabetize', '--check'], { cwd: ROOT });
    expect(made.status === 0 ? '' : made.stderr.toString()).toBe('');
  }, 60_000);

  it('buys, from the catalogue to a confirmed order, and gives the money back', async () => {
    const product = await shop.product(5);
    const customer = await newCustomer();

    const found = bodyOf(await customer.GET('/v1/products/search', { params: { query: { q: product.name } } }));
    expect(found.items.map(({ id }) => id)).toContain(product.id);
    const added = await customer.POST('/v1/cart/items', { body: { productId: product.id, quantity: 2 } });
    expect(bodyOf(added).subtotal).toEqual({ amount: '39.98', currency: 'USD' });
    const home = { street: '1 Main St', city: 'Springfield', state: 'IL', zipCode: '62701', country: 'US' };
    const { id: shippingAddressId } = bodyOf(await customer.POST('/v1/users/me/addresses', { body: home }));
    const checkout = bodyOf(await customer.POST('/v1/checkouts', { params: withKey(), body: { shippingAddressId } }));
    const placed = bodyOf(
      await customer.POST('/v1/orders', {
        params: withKey(),
        body: {
          checkoutId: checkout.id,
          payment: { provider: 'sandbox', token: 'tok_ok' },
          expectedTotal: checkout.totals.total,
        },
      }),
    );
    expect(placed.status).toBe('pending');
    const isPaid = ({ payment }: Schemas['Order']) => payment.status === 'succeeded';
    const confirmed = await orderThat(customer, placed.id, 'paid', isPaid);
    expect(confirmed.items).toMatchObject([{ productId: product.id, quantity: 2 }]);

    const staff = await signIn(baseUrl, account.email, account.password);
    const params = { path: { id: placed.id }, ...withKey() };
    const refund = await staff.POST('/v1/admin/orders/{id}/refund', { params, body: { reason: 'Broken on arrival' } });
    expect(bodyOf(refund).amount).toEqual({ amount: '39.98', currency: 'USD' });
    await orderThat(customer, placed.id, 'refunded', ({ payment }) => payment.status === 'refunded');
  }, 60_000);

  it('throws problems with their code', async () => {
    const customer = await newCustomer();
    const asked = customer.GET('/v1/orders/{id}', { params: { path: { id: randomUUID() } } });
    const error: unknown = await asked.then(bodyOf).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ status: 404, problem: { code: 'order.not_found' } });
  });

  it('builds, and its example restocks what runs low', async () => {
    const product = await shop.product(1);
    const out = join(CLIENT, 'dist');
    const built = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', CLIENT], {
      cwd: ROOT,
    });
    expect(built.status === 0 ? '' : built.stdout.toString()).toBe('');
    const { stdout } = await promisify(execFile)(process.execPath, [join(out, 'examples/restock.js'), '40', '5'], {
      env: { ...process.env, SHOP_URL: baseUrl, ADMIN_EMAIL: account.email, ADMIN_PASSWORD: account.password },
    });
    expect(stdout).toContain(`${product.sku}: 1 available, now 40 on hand`);
  }, 90_000);
});
