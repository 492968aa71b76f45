import { Client } from 'pg';
import { eventually } from '../../support/eventually';
import { Visitor, type Answer, type Money, type Problem, type Shop } from '../../support/shop';
import { readStack } from '../../support/stack';

export interface CartBody {
  items: {
    productId: string;
    name: string;
    quantity: number;
    unitPrice: Money;
    lineTotal: Money;
    available: number;
    changes?: { priceFrom?: Money; unavailable?: boolean; onlyAvailable?: number };
  }[];
  subtotal: Money;
}

export interface SignedIn {
  user: { id: string };
  accessToken: string;
  cartMerge?: { merged: number; dropped: { productId: string; quantity: number }[] };
}

export const PASSWORD = 'correct horse battery';

export const quantitiesOf = (cart: CartBody) =>
  Object.fromEntries(cart.items.map((item) => [item.productId, item.quantity]));

/** Someone who has not signed in, with the token of their cart. */
export class Guest {
  token = '';

  constructor(readonly visitor: Visitor) {}

  get headers(): Record<string, string> {
    return this.token === '' ? {} : { 'x-cart-token': this.token };
  }

  get id(): string {
    return this.claims.sub;
  }

  get claims(): { sub: string; exp: number } {
    const claims: { sub: string; exp: number } = JSON.parse(
      Buffer.from(this.token.split('.')[1] ?? '', 'base64url').toString(),
    );
    return claims;
  }

  async send<T = CartBody & Problem>(method: string, path: string, body?: object): Promise<Answer<T>> {
    const answer = await this.visitor.send<T>(method, path, body, this.headers);
    this.token = answer.headers.get('x-cart-token') ?? this.token;
    return answer;
  }

  add(productId: string, quantity = 1): Promise<Answer<CartBody & Problem>> {
    return this.send('POST', '/v1/cart/items', { productId, quantity });
  }

  /** As this customer, bringing the cart along. */
  login(customer: Visitor, headers = this.headers): Promise<Answer<SignedIn & Problem>> {
    const body = { email: customer.email, password: PASSWORD };
    return this.visitor.send<SignedIn & Problem>('POST', '/v1/auth/login', body, headers);
  }
}

/** A guest who put this in. */
export async function guestWith(shop: Shop, ...lines: [productId: string, quantity: number][]): Promise<Guest> {
  const guest = new Guest(shop.visitor(0));
  for (const [productId, quantity] of lines) await guest.add(productId, quantity);
  return guest;
}

/** Keeps everyone from a guest's cart while `work` runs; `waiting` resolves when that many stand before it. */
export async function whileCartLocked<T>(
  guest: Guest,
  work: (waiting: (count: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString: readStack().postgres.users });
  await client.connect();
  const waiting = async (count: number): Promise<void> => {
    await eventually(`${count} to wait for the cart`, async () => {
      // Else a transaction sees the activity of its first look for ever.
      await client.query('SELECT pg_stat_clear_snapshot()');
      const { rows } = await client.query(
        `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE '%carts%'`,
      );
      return rows.length >= count;
    });
  };
  try {
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM carts WHERE guest_id = $1 FOR UPDATE', [guest.id]);
    const result = await work(waiting);
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}
