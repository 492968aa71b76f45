import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { CACHE } from '../cache/keys';
import { VersionedCache } from '../cache/versioned-cache.service';
import { Clock } from '../common/clock';
import { inTransaction } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { Inbox } from '../messaging/inbox/inbox.service';
import { ProductsService, type ProductCard } from '../products/products.service';
import { itemNotFound, productNotFound, quantityTooHigh, tooManyItems } from './cart.errors';
import { CartRepository, type Added, type CartItem, type CartSnapshot } from './cart.repository';
import { CartDto } from './dto/cart.dto';

/** `cart:{user_id}`; `checkedAt` is milliseconds of the app's clock. */
type CachedCart = CartSnapshot & { checkedAt: number };

/** A change whose write to Redis failed (or whose server died before) shows after this time at the latest. */
const RECHECK_MS = 60_000;

/** After so many others came in between, one waits for its turn. */
const ATTEMPTS = 3;

/** What an inbox row of the users database says of a checkout whose lines have left the cart. */
const CLEARANCE = 'cart-clearance';

const NO_CART: CartSnapshot = { cartId: '', version: 0, items: [] };

/** Carts: rows of PostgreSQL, fronted by Redis for reading. Prices are never kept, but asked for. */
@Injectable()
export class CartService {
  constructor(
    @InjectDataSource('users') private readonly source: DataSource,
    private readonly carts: CartRepository,
    private readonly products: ProductsService,
    private readonly cache: VersionedCache,
    private readonly idempotency: Idempotency,
    private readonly inbox: Inbox,
    private readonly clock: Clock,
  ) {}

  async view(userId: string): Promise<CartDto> {
    const cached = await this.cached(userId);
    return this.priced(cached ?? (await this.seen(userId, (await this.carts.snapshot(userId)) ?? NO_CART)));
  }

  /** The cart as PostgreSQL has it; no items (and no id) when the user never had one. */
  async snapshot(userId: string): Promise<CartSnapshot> {
    return (await this.carts.snapshot(userId)) ?? NO_CART;
  }

  /**
   * The lines are what is stored with an Idempotency-Key: their prices may change before it is shown again. Prices of
   * the lines that are probably there are asked for together with the new one's.
   */
  async add(userId: string, item: CartItem, request: IdempotentRequest | null): Promise<Outcome<CartDto>> {
    const likely = (await this.cached(userId))?.items.map(({ productId }) => productId) ?? [];
    const cards = await this.products.cards([...new Set([item.productId, ...likely])]);
    if (!cards.some(({ id }) => id === item.productId)) throw productNotFound();
    const { body, replayed } = await this.addOnce(userId, item, request);
    if (!replayed) await this.changed(userId, body);
    return { body: await this.priced(body, cards), replayed };
  }

  setQuantity(userId: string, item: CartItem): Promise<CartDto> {
    return this.change(userId, async (tx, cartId) => {
      const found = cartId !== null && (await this.carts.setQuantity(tx, cartId, item));
      if (!found) throw itemNotFound();
    });
  }

  remove(userId: string, productId: string): Promise<CartDto> {
    return this.change(userId, async (tx, cartId) => {
      const found = cartId !== null && (await this.carts.remove(tx, cartId, productId));
      if (!found) throw itemNotFound();
    });
  }

  clear(userId: string): Promise<CartDto> {
    return this.change(userId, async (tx, cartId) => {
      if (cartId !== null) await this.carts.clear(tx, cartId);
    });
  }

  /**
   * Takes the lines of placed orders out of their carts, once for each checkout however often it is told. The copy in
   * Redis goes each time: the first call may have died before it came to that.
   */
  async removeOrdered(
    orders: readonly { checkoutId: string; userId: string; items: readonly CartItem[] }[],
  ): Promise<void> {
    if (orders.length === 0) return;
    const users = [...new Set(orders.map((order) => order.userId))];
    const versions = await inTransaction(this.source, async (tx) => {
      const claims = orders.map((order) => ({ ...order, id: order.checkoutId }));
      const fresh = await this.inbox.claimAll(tx, CLEARANCE, claims);
      // Carts are locked in one order, whichever orders come together.
      for (const order of fresh.sort((a, b) => (a.userId < b.userId ? -1 : 1))) {
        this.carts.subtract(tx, order.userId, order.items);
      }
      return this.carts.versions(tx, users);
    });
    await Promise.all(users.map((id) => this.cache.drop(CACHE.cart.key(id), versions.get(id) ?? 0)));
  }

  /** Without a key it is one statement, which needs no transaction around it. */
  private async addOnce(
    userId: string,
    item: CartItem,
    request: IdempotentRequest | null,
  ): Promise<Outcome<CartSnapshot>> {
    if (request === null) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const cart = cartOf(await this.carts.add(this.source, userId, uuidv7(), item));
        if (cart) return { body: cart, replayed: false };
      }
    }
    return inTransaction(this.source, (tx) =>
      this.idempotency.once(tx, request, () => this.addLocked(tx, userId, item)),
    );
  }

  /** Nobody comes in between a second time: of two who make a first cart, the loser then finds it and locks it. */
  private async addLocked(tx: EntityManager, userId: string, item: CartItem): Promise<CartSnapshot> {
    for (;;) {
      const locked = await this.carts.lock(tx, userId);
      const cart = cartOf(await this.carts.add(tx, userId, uuidv7(), item));
      if (cart) return cart;
      if (locked) throw new Error('a locked cart was changed');
    }
  }

  private async change(
    userId: string,
    work: (tx: EntityManager, cartId: string | null) => Promise<void>,
  ): Promise<CartDto> {
    const cart = await inTransaction(this.source, async (tx) => {
      await work(tx, await this.carts.next(tx, userId));
      return (await this.carts.snapshotIn(tx, userId)) ?? NO_CART;
    });
    await this.changed(userId, cart);
    return this.priced(cart);
  }

  private cached(userId: string): Promise<CachedCart | null> {
    const now = this.clock.now().getTime();
    return this.cache.read<CachedCart>(CACHE.cart.key(userId), ({ checkedAt }) => {
      return now >= checkedAt && now - checkedAt < RECHECK_MS;
    });
  }

  private async seen(userId: string, cart: CartSnapshot): Promise<CartSnapshot> {
    // An empty cart has no key: people look for `cart:{user_id}` to see who means to buy.
    if (cart.items.length > 0) await this.cache.write(CACHE.cart.key(userId), CACHE.cart.ttl, this.entryOf(cart));
    return cart;
  }

  private async changed(userId: string, cart: CartSnapshot): Promise<void> {
    if (cart === NO_CART) return;
    const key = CACHE.cart.key(userId);
    if (cart.items.length === 0) await this.cache.drop(key, cart.version);
    else await this.cache.replace(key, CACHE.cart.ttl, this.entryOf(cart));
  }

  private entryOf(cart: CartSnapshot): CachedCart {
    return { ...cart, checkedAt: this.clock.now().getTime() };
  }

  /** `known` are cards of today that were asked for already. */
  private async priced(cart: CartSnapshot, known: readonly ProductCard[] = []): Promise<CartDto> {
    const has = new Set(known.map(({ id }) => id));
    const ids = cart.items.map(({ productId }) => productId).filter((id) => !has.has(id));
    const cards = ids.length === 0 ? [] : await this.products.cards(ids);
    return CartDto.of(cart.items, [...known, ...cards]);
  }
}

/** Null when someone came in between. */
function cartOf(added: Added): CartSnapshot | null {
  if ('cart' in added) return added.cart;
  if (added.refused === 'lines') throw tooManyItems();
  if (added.refused === 'quantity') throw quantityTooHigh();
  return null;
}
