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
import { MAX_LINES, MAX_QUANTITY } from './cart.constants';
import { itemNotFound, productNotFound, quantityTooHigh, tooManyItems } from './cart.errors';
import { CartRepository, type CartItem, type CartSnapshot } from './cart.repository';
import { CartDto } from './dto/cart.dto';

/** `cart:{user_id}`; `checkedAt` is milliseconds of the app's clock. */
type CachedCart = CartSnapshot & { checkedAt: number };

/** A change whose write to Redis failed (or whose server died before) shows after this time at the latest. */
const RECHECK_MS = 60_000;

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
    const now = this.clock.now().getTime();
    const cached = await this.cache.read<CachedCart>(CACHE.cart.key(userId), ({ checkedAt }) => {
      return now >= checkedAt && now - checkedAt < RECHECK_MS;
    });
    return this.priced(cached ?? (await this.remember(userId, (await this.carts.snapshot(userId)) ?? NO_CART)));
  }

  /** The cart as PostgreSQL has it; no items (and no id) when the user never had one. */
  async snapshot(userId: string): Promise<CartSnapshot> {
    return (await this.carts.snapshot(userId)) ?? NO_CART;
  }

  /** The lines are what is stored with an Idempotency-Key: their prices may change before it is shown again. */
  async add(userId: string, item: CartItem, request: IdempotentRequest | null): Promise<Outcome<CartDto>> {
    const [product] = await this.products.cards([item.productId]);
    if (!product) throw productNotFound();
    const { body, replayed } = await inTransaction(this.source, (tx) =>
      this.idempotency.once(tx, request, async () => {
        await this.carts.add(tx, await this.carts.openNext(tx, userId, uuidv7()), item);
        return this.changed(tx, userId);
      }),
    );
    const cart = replayed ? body : await this.remember(userId, body);
    return { body: await this.priced(cart, product), replayed };
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

  private async change(
    userId: string,
    work: (tx: EntityManager, cartId: string | null) => Promise<void>,
  ): Promise<CartDto> {
    const cart = await inTransaction(this.source, async (tx) => {
      await work(tx, await this.carts.next(tx, userId));
      return this.changed(tx, userId);
    });
    return this.priced(await this.remember(userId, cart));
  }

  /** The cart after a change; one that went over a limit is undone by the error. */
  private async changed(tx: EntityManager, userId: string): Promise<CartSnapshot> {
    const cart = (await this.carts.snapshotIn(tx, userId)) ?? NO_CART;
    if (cart.items.length > MAX_LINES) throw tooManyItems();
    if (cart.items.some((item) => item.quantity > MAX_QUANTITY)) throw quantityTooHigh();
    return cart;
  }

  private async remember(userId: string, cart: CartSnapshot): Promise<CartSnapshot> {
    if (cart === NO_CART) return cart;
    if (cart.items.length === 0) {
      // An empty cart has no key: people look for `cart:{user_id}` to see who means to buy.
      await this.cache.drop(CACHE.cart.key(userId), cart.version);
      return cart;
    }
    const entry: CachedCart = { ...cart, checkedAt: this.clock.now().getTime() };
    await this.cache.write(CACHE.cart.key(userId), CACHE.cart.ttl, entry);
    return cart;
  }

  private async priced(cart: CartSnapshot, asked?: ProductCard): Promise<CartDto> {
    const ids = cart.items.map((item) => item.productId).filter((id) => id !== asked?.id);
    const cards = ids.length === 0 ? [] : await this.products.cards(ids);
    return CartDto.of(cart.items, asked ? [asked, ...cards] : cards);
  }
}
