import { randomUUID } from 'node:crypto';
import { craftedRequests, FRESH, type CraftedRequest, type Known } from './crafted-requests';
import { Shop, type Visitor } from './shop';

/** Of every customer of `Shop`. */
const PASSWORD = 'correct horse battery';

/** Ends the session or the account that it is sent with, or looks at the whole shop. */
const LEFT_ALONE =
  /^(POST \/v1\/auth\/logout|DELETE \/v1\/users\/me|POST \/v1\/admin\/consistency\/repair|GET \/v1\/admin\/consistency)$/;

/** Nobody listens there. */
const HOOK = 'http://127.0.0.1:9/attacked';

/** A shop with things of its own of many kinds, a customer and an admin, and a request for every route. */
export class AttackedShop {
  private constructor(
    readonly shop: Shop,
    readonly customer: Visitor,
    readonly admin: Visitor,
    readonly requests: readonly CraftedRequest[],
    private readonly hook: string,
  ) {}

  static async open(): Promise<AttackedShop> {
    const shop = new Shop();
    const [customer, admin, product, counted] = await Promise.all([
      shop.customer(),
      shop.admin(),
      shop.product(50),
      shop.product(2),
    ]);
    const hook = `${HOOK}/${randomUUID()}`;
    const things = await thingsOfStaff(admin, hook);
    const orders = await threeOrders(customer, product.id);
    const { slug } = await admin.get<{ slug: string }>(`/v1/admin/products/${product.id}`);
    const address = await customer.address();
    await customer.addToCart(product.id);
    const checkout = await customer.checkout(address);
    const secondSession = await shop
      .visitor()
      .post<{ refreshToken: string }>('/v1/auth/login', { email: customer.email, password: PASSWORD });
    const { items: sessions } = await customer.get<{ items: { id: string; current: boolean }[] }>('/v1/auth/sessions');
    const requests = craftedRequests({
      ...things,
      ...orders,
      email: customer.email,
      password: PASSWORD,
      refreshToken: secondSession.refreshToken,
      sessions: sessions.find(({ current }) => !current)?.id,
      products: product.id,
      productId: product.id,
      addresses: address,
      shippingAddressId: address,
      shippingMethod: 'standard',
      checkouts: checkout.id,
      checkoutId: checkout.id,
      'POST /v1/orders amount': checkout.totals.total.amount,
      'POST /v1/auth/register email': `attacked-${FRESH}@example.com`,
      // As many as before, however often.
      'PATCH /v1/admin/inventory/{productId} productId': counted.id,
      'PATCH /v1/admin/inventory/{productId} quantity': 2,
      'PATCH /v1/admin/inventory/{productId} expectedQuantity': 2,
      'GET /v1/products/by-slug/{slug} slug': slug,
      minPrice: '1.00',
      maxPrice: '100.00',
      provider: 'sandbox',
    });
    return new AttackedShop(
      shop,
      customer,
      admin,
      requests.filter(({ name }) => !LEFT_ALONE.test(name)),
      hook,
    );
  }

  /** The webhooks would be sent what other tests do. */
  async close(): Promise<void> {
    const { items } = await this.admin.get<{ items: { id: string; url: string }[] }>('/v1/admin/webhooks?limit=100');
    for (const { id, url } of items) {
      if (!url.startsWith(this.hook)) continue;
      await this.admin.send('DELETE', `/v1/admin/webhooks/${id}`);
    }
  }

  /** Who may send it: validation comes after the permission. */
  senderOf({ permission }: CraftedRequest): Visitor {
    return permission === '' || permission.startsWith('own:') ? this.customer : this.admin;
  }
}

/** All that is made or renamed in an attack is within a category of its own. */
async function thingsOfStaff(admin: Visitor, hook: string): Promise<Known> {
  const slug = `attacked-${FRESH}`;
  const eventTypes = ['inventory.low_stock'];
  const category = (name: string, parentId: string | null) =>
    admin.post<{ id: string; slug: string }>('/v1/admin/categories', {
      name,
      parentId,
      slug: `attacked-${randomUUID()}`,
    });
  const { id: home, slug: homeSlug } = await category('Zoo of attacks', null);
  const [{ id: inside }, { id: webhook }, { id: apiKey }, { items: entries }] = await Promise.all([
    category('Attacked', home),
    admin.post<{ id: string }>('/v1/admin/webhooks', { url: hook, eventTypes }),
    admin.post<{ id: string }>('/v1/admin/api-keys', { name: 'Attacked', permissions: ['inventory:read'] }),
    admin.get<{ items: { actorId: string; action: string; subjectId: string; subjectType: string }[] }>(
      '/v1/admin/audit-log?limit=1',
    ),
  ]);
  return {
    ...entries[0],
    categories: inside,
    categoryId: home,
    category: home,
    parentId: home,
    slug,
    'GET /v1/categories/by-slug/{slug} slug': homeSlug,
    sku: `ATTACKED-${FRESH}`,
    webhooks: webhook,
    url: hook,
    eventTypes,
    'PATCH /v1/admin/webhooks/{id} enabled': true,
    'api-keys': apiKey,
  };
}

/** One to cancel, one that staff cancels, and one that goes all the way. */
async function threeOrders(customer: Visitor, productId: string): Promise<Known> {
  const ids: string[] = [];
  while (ids.length < 3) ids.push((await customer.buy(productId)).id);
  for (const id of ids) await customer.orderInStatus(id, 'processing');
  const [own, cancelled, shipped] = ids;
  return {
    orders: own,
    'POST /v1/admin/orders/{id}/cancel orders': cancelled,
    'POST /v1/admin/orders/{id}/refund orders': shipped,
    'POST /v1/admin/orders/{id}/refund amount': '1.00',
    'POST /v1/admin/orders/{id}/ship orders': shipped,
    'POST /v1/admin/orders/{id}/deliver orders': shipped,
  };
}
