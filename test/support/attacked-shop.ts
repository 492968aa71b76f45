import { craftedRequests, type CraftedRequest } from './crafted-requests';
import { Shop, type Visitor } from './shop';

/** Ends the session or the account that it is sent with, or looks at the whole shop. */
const LEFT_ALONE =
  /^(POST \/v1\/auth\/logout|DELETE \/v1\/users\/me|POST \/v1\/admin\/consistency\/repair|GET \/v1\/admin\/consistency)$/;

/** A shop with one thing of each kind, a customer and an admin, and a request for every route. */
export class AttackedShop {
  private constructor(
    readonly shop: Shop,
    readonly customer: Visitor,
    readonly admin: Visitor,
    readonly requests: readonly CraftedRequest[],
  ) {}

  static async open(): Promise<AttackedShop> {
    const shop = new Shop();
    const [customer, admin] = await Promise.all([shop.customer(), shop.admin()]);
    const product = await shop.product(50);
    const order = await customer.buy(product.id);
    await customer.addToCart(product.id);
    const [address, { items: categories }, { items: events }] = await Promise.all([
      customer.address(),
      admin.get<{ items: { id: string }[] }>('/v1/admin/categories'),
      admin.get<{ items: { id: string }[] }>('/v1/admin/webhooks'),
    ]);
    const category = categories[0]?.id ?? '';
    const requests = craftedRequests({
      products: product.id,
      productId: product.id,
      orders: order.id,
      addresses: address,
      shippingAddressId: address,
      categories: category,
      categoryId: category,
      category,
      webhooks: events[0]?.id ?? '0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2001',
    });
    return new AttackedShop(
      shop,
      customer,
      admin,
      requests.filter(({ name }) => !LEFT_ALONE.test(name)),
    );
  }

  /** Who may send it: validation comes after the permission. */
  senderOf({ permission }: CraftedRequest): Visitor {
    return permission === '' || permission.startsWith('own:') ? this.customer : this.admin;
  }
}
