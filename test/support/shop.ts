import { randomUUID } from 'node:crypto';
import { mustBeDocumented } from './documented';
import { eventually } from './eventually';
import { readStack, type Stack } from './stack';

/** An answer of the shop; `body` is read where the test says what it expects. */
export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Problem {
  code: string;
  status: number;
  detail: string;
  items?: { productId: string; available: number }[];
  requestId: string;
}

export interface Money {
  amount: string;
  currency: string;
}

export interface OrderBody {
  id: string;
  number: string;
  status: string;
  payment: { status: string };
  totals: { subtotal: Money; total: Money };
  items: { productId: string; quantity: number }[];
  shipment: { carrier: string; trackingNumber: string } | null;
  cancelReason: string | null;
  createdAt: string;
}

export interface CheckoutBody {
  id: string;
  expiresAt: string;
  status: string;
  items: { productId: string; quantity: number; unitPrice: Money }[];
  totals: { total: Money };
}

interface Session {
  user: { id: string; email: string };
  accessToken: string;
}

type Json = object | undefined;

/** What a part beside the shop (mailbox, provider) lists. */
export async function listed<T>(url: string): Promise<T[]> {
  const response = await fetch(url);
  const items: T[] = JSON.parse(await response.text());
  return items;
}

export interface ListedCharge {
  id: string;
  status: string;
  amount: string;
  refunds: { amount: string }[];
}

/** Talks to one address of the shop, as anyone or as someone. */
export class Visitor {
  constructor(
    readonly baseUrl: string,
    readonly token?: string,
    readonly userId = '',
    readonly email = '',
  ) {}

  async send<T = Problem>(
    method: string,
    path: string,
    body?: Json,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...headers,
      },
      body: body ? JSON.stringify(body) : null,
    });
    const text = await response.text();
    const parsed: T = text === '' ? null : JSON.parse(text);
    const type = response.headers.get('content-type');
    mustBeDocumented({ method, path, status: response.status, type, body: parsed });
    return { status: response.status, headers: response.headers, body: parsed };
  }

  /** A request that must succeed. */
  async get<T>(path: string): Promise<T> {
    return this.ok(await this.send<T>('GET', path), `GET ${path}`);
  }

  async post<T>(path: string, body: Json = {}, headers: Record<string, string> = {}): Promise<T> {
    return this.ok(await this.send<T>('POST', path, body, headers), `POST ${path}`);
  }

  addToCart(productId: string, quantity = 1): Promise<object> {
    return this.post('/v1/cart/items', { productId, quantity });
  }

  async address(): Promise<string> {
    const address = { street: '1 Main St', city: 'Springfield', state: 'IL', zipCode: '62701', country: 'US' };
    return (await this.post<{ id: string }>('/v1/users/me/addresses', address)).id;
  }

  tryCheckout(shippingAddressId: string): Promise<Answer<CheckoutBody & Problem>> {
    return this.send('POST', '/v1/checkouts', { shippingAddressId }, { 'idempotency-key': randomUUID() });
  }

  async checkout(shippingAddressId: string): Promise<CheckoutBody> {
    return this.ok(await this.tryCheckout(shippingAddressId), 'checkout');
  }

  tryOrder(checkoutId: string, token = 'tok_ok', key: string = randomUUID()): Promise<Answer<OrderBody & Problem>> {
    const body = { checkoutId, payment: { provider: 'sandbox', token } };
    return this.send('POST', '/v1/orders', body, { 'idempotency-key': key });
  }

  async order(checkoutId: string, token = 'tok_ok'): Promise<OrderBody> {
    return this.ok(await this.tryOrder(checkoutId, token), 'order');
  }

  /** From an empty cart to a placed order of one product. */
  async buy(productId: string, quantity = 1, token = 'tok_ok'): Promise<OrderBody> {
    await this.addToCart(productId, quantity);
    const checkout = await this.checkout(await this.address());
    return this.order(checkout.id, token);
  }

  async orderInStatus(orderId: string, status: string, withinMs = 15_000): Promise<OrderBody> {
    let last = '';
    return eventually(
      `order ${orderId} to be ${status}`,
      async () => {
        const answer = await this.send<OrderBody>('GET', `/v1/orders/${orderId}`);
        // While servers restart there is nobody to answer.
        last = answer.status < 500 ? answer.body.status : String(answer.status);
        return last === status && answer.body;
      },
      withinMs,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; it is ${last}`);
    });
  }

  async paymentInStatus(orderId: string, status: string): Promise<OrderBody> {
    return eventually(`payment of ${orderId} to be ${status}`, async () => {
      const order = await this.get<OrderBody>(`/v1/orders/${orderId}`);
      return order.payment.status === status && order;
    });
  }

  private ok<T>(answer: Answer<T>, what: string): T {
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw new Error(`${what} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}

/** The running shop of this test run. */
export class Shop {
  readonly stack: Stack = readStack();

  /** By way of Nginx, or straight to one of the app servers. */
  visitor(server?: number): Visitor {
    return new Visitor(server === undefined ? this.stack.baseUrl : (this.stack.apiUrls[server] ?? this.stack.baseUrl));
  }

  async customer(server?: number): Promise<Visitor> {
    const email = `customer-${randomUUID()}@example.com`;
    const visitor = this.visitor(server);
    const session = await visitor.post<Session>('/v1/auth/register', {
      email,
      password: 'correct horse battery',
      name: 'Ada Example',
    });
    return new Visitor(visitor.baseUrl, session.accessToken, session.user.id, email);
  }

  async admin(): Promise<Visitor> {
    const visitor = this.visitor();
    const session = await visitor.post<Session>('/v1/auth/login', this.stack.admin);
    return new Visitor(visitor.baseUrl, session.accessToken, session.user.id, session.user.email);
  }

  /** The provider's own ledger of an order. */
  charges(orderId: string): Promise<ListedCharge[]> {
    return listed(`${this.stack.providerUrl}/charges?orderId=${orderId}`);
  }

  /** A product of its own for a test, with this stock. */
  async product(quantity: number, price = '19.99'): Promise<{ id: string; sku: string; name: string }> {
    const admin = await this.admin();
    const { items } = await admin.get<{ items: { id: string; children: { id: string }[] }[] }>('/v1/categories');
    const categoryId = items[0]?.children[0]?.id ?? items[0]?.id;
    const sku = `TEST-${randomUUID()}`;
    const name = `Test lantern ${sku.slice(-12)}`;
    const product = await admin.post<{ id: string }>('/v1/admin/products', {
      sku,
      name,
      description: 'Made for a test',
      price: { amount: price, currency: 'USD' },
      categoryId,
    });
    const stocked = await admin.send('PATCH', `/v1/admin/inventory/${product.id}`, { quantity, expectedQuantity: 0 });
    if (stocked.status !== 200) throw new Error(`stocking answered ${stocked.status}: ${JSON.stringify(stocked.body)}`);
    return { id: product.id, sku, name };
  }
}
