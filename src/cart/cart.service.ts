import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { CACHE } from '../cache/keys';
import { VersionedCache } from '../cache/versioned-cache.service';
import { Clock } from '../common/clock';
import { inTransaction, type Executor } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { Inbox } from '../messaging/inbox/inbox.service';
import { ProductsService, type ProductCard } from '../products/products.service';
import { CLEARANCE } from './cart.constants';
import { invalidCartToken, itemNotFound, productNotFound, quantityTooHigh, tooManyItems } from './cart.errors';
import { CartRepository, type Added } from './cart.repository';
import type { CartItem, CartLine, CartOwner, CartSnapshot } from './cart.types';
import { CartDto } from './dto/cart.dto';

/** `cart:{user_id}` or `guest_cart:{guest_id}`; `checkedAt` is milliseconds of the app's clock. */
type CachedCart = CartSnapshot & { checkedAt: number };

/** A change whose write to Redis failed (or whose server died before) shows after this time at the latest. */
const RECHECK_MS = 60_000;

/** An order as the cart it came from needs it. */
interface PlacedOrder {
  checkoutId: string;
  userId: string;
  items: readonly CartItem[];
}

/** After so many others came in between, one waits for its turn. */
const ATTEMPTS = 3;

const NO_CART: CartSnapshot = { cartId: '', version: 0, items: [] };

/** A user may have had no cart yet; a guest's token stands for one that there was. */
function orNone(owner: CartOwner, cart: CartSnapshot | null): CartSnapshot {
  if (cart === null && owner.kind !== 'user') throw invalidCartToken();
  return cart ?? NO_CART;
}

function entryPlaceOf({ kind, id }: CartOwner): { key: string; ttl: number } {
  const { key, ttl } = kind === 'user' ? CACHE.cart : CACHE.guestCart;
  return { key: key(id), ttl };
}

/** Carts: rows of PostgreSQL, fronted by Redis for reading. Prices are asked for; kept is only which one was seen. */
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

  async view(owner: CartOwner): Promise<CartDto> {
    const cached = await this.cached(owner);
    return this.priced(cached ?? (await this.seen(owner, orNone(owner, await this.carts.snapshot(owner)))));
  }

  /** A user's cart as PostgreSQL has it; no items (and no id) when they never had one. */
  async snapshot(userId: string): Promise<CartSnapshot> {
    return (await this.carts.snapshot({ kind: 'user', id: userId })) ?? NO_CART;
  }

  /**
   * The lines are what is stored with an Idempotency-Key: their prices may change before it is shown again. A new guest
   * has no name yet to find a stored answer by: the same again makes another cart, whose token is the one they get.
   */
  async add(owner: CartOwner, item: CartItem, request: IdempotentRequest | null): Promise<Outcome<CartDto>> {
    const cards = await this.likelyCards(owner, item.productId);
    const card = cards.find(({ id, onSale }) => id === item.productId && onSale);
    if (!card) throw productNotFound();
    const line = { ...item, seenPrice: card.unitPrice };
    const { body, replayed } = await this.addOnce(owner, line, owner.kind === 'new guest' ? null : request);
    if (!replayed) await this.changed(owner, body);
    return { body: await this.priced(body, cards), replayed };
  }

  async setQuantity(owner: CartOwner, item: CartItem): Promise<CartDto> {
    const cards = await this.likelyCards(owner, item.productId);
    const seenPrice = cards.find(({ id, onSale }) => id === item.productId && onSale)?.unitPrice ?? null;
    return this.change(owner, cards, async (tx, cartId) => {
      const found = cartId !== null && (await this.carts.setQuantity(tx, cartId, { ...item, seenPrice }));
      if (!found) throw itemNotFound();
    });
  }

  remove(owner: CartOwner, productId: string): Promise<CartDto> {
    return this.change(owner, [], async (tx, cartId) => {
      const found = cartId !== null && (await this.carts.remove(tx, cartId, productId));
      if (!found) throw itemNotFound();
    });
  }

  clear(owner: CartOwner): Promise<CartDto> {
    return this.change(owner, [], async (tx, cartId) => {
      if (cartId !== null) await this.carts.clear(tx, cartId);
    });
  }

  /** Takes the lines of a placed order out of its cart, once for its checkout; then the copy in Redis goes too. */
  async removeOrdered(order: PlacedOrder): Promise<void> {
    await this.cache.drop(CACHE.cart.key(order.userId), await this.carts.removeOrdered(order));
  }

  /**
   * The same of orders whose lines have most likely left their carts: then only the copies in Redis go, each time, since
   * who took the lines out may have died before it came to that.
   */
  async removeAllOrdered(orders: readonly PlacedOrder[]): Promise<void> {
    if (orders.length === 0) return;
    const checkoutIds = orders.map((order) => order.checkoutId);
    const known = await this.inbox.known(this.source, CLEARANCE, checkoutIds);
    for (const order of orders) if (!known.has(order.checkoutId)) await this.carts.removeOrdered(order);
    const users = [...new Set(orders.map((order) => order.userId))];
    const versions = await this.carts.versions(users);
    await Promise.all(users.map((id) => this.cache.drop(CACHE.cart.key(id), versions.get(id) ?? 0)));
  }

  /** It is one statement, which without a key needs no transaction around it. */
  private async addOnce(
    owner: CartOwner,
    line: CartLine,
    request: IdempotentRequest | null,
  ): Promise<Outcome<CartSnapshot>> {
    const locked = (tx: EntityManager) => this.addLocked(tx, owner, line);
    if (request === null) {
      const cart = await this.tryToAdd(this.source, owner, line);
      return { body: cart ?? (await inTransaction(this.source, locked)), replayed: false };
    }
    return inTransaction(this.source, (tx) =>
      this.idempotency.once(tx, request, async () => (await this.tryToAdd(tx, owner, line)) ?? locked(tx)),
    );
  }

  /** Null when others came in between each time. */
  private async tryToAdd(executor: Executor, owner: CartOwner, line: CartLine): Promise<CartSnapshot | null> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const cart = cartOf(await this.carts.add(executor, owner, uuidv7(), line));
      if (cart) return cart;
    }
    return null;
  }

  /** Nobody comes in between a second time: of two who make a first cart, the loser then finds it and locks it. */
  private async addLocked(tx: EntityManager, owner: CartOwner, line: CartLine): Promise<CartSnapshot> {
    for (;;) {
      const locked = await this.carts.lock(tx, owner);
      const cart = cartOf(await this.carts.add(tx, owner, uuidv7(), line));
      if (cart) return cart;
      if (locked) throw new Error('a locked cart was changed');
    }
  }

  /** `known` are cards of today that were asked for already. */
  private async change(
    owner: CartOwner,
    known: readonly ProductCard[],
    work: (tx: EntityManager, cartId: string | null) => Promise<void>,
  ): Promise<CartDto> {
    const cart = await inTransaction(this.source, async (tx) => {
      const cartId = await this.carts.next(tx, owner);
      if (cartId === null && owner.kind !== 'user') throw invalidCartToken();
      await work(tx, cartId);
      return (await this.carts.snapshot(owner, tx)) ?? NO_CART;
    });
    await this.changed(owner, cart);
    return this.priced(cart, known);
  }

  private async cached(owner: CartOwner): Promise<CachedCart | null> {
    if (owner.kind === 'new guest') return null;
    const now = this.clock.now().getTime();
    return this.cache.read<CachedCart>(entryPlaceOf(owner).key, ({ checkedAt }) => {
      return now >= checkedAt && now - checkedAt < RECHECK_MS;
    });
  }

  private async seen(owner: CartOwner, cart: CartSnapshot): Promise<CartSnapshot> {
    const { key, ttl } = entryPlaceOf(owner);
    // An empty cart has no key: people look for `cart:{user_id}` to see who means to buy.
    if (cart.items.length > 0) await this.cache.write(key, ttl, this.entryOf(cart));
    return cart;
  }

  private async changed(owner: CartOwner, cart: CartSnapshot): Promise<void> {
    if (cart === NO_CART) return;
    const { key, ttl } = entryPlaceOf(owner);
    if (cart.items.length === 0) await this.cache.drop(key, cart.version);
    else await this.cache.replace(key, ttl, this.entryOf(cart));
  }

  private entryOf(cart: CartSnapshot): CachedCart {
    return { ...cart, checkedAt: this.clock.now().getTime() };
  }

  /** Of this product and of the lines that are probably there, asked for together. */
  private async likelyCards(owner: CartOwner, productId: string): Promise<ProductCard[]> {
    const likely = (await this.cached(owner))?.items.map((line) => line.productId) ?? [];
    return this.products.cards([...new Set([productId, ...likely])]);
  }

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
  if (added.refused === 'gone') throw invalidCartToken();
  if (added.refused === 'lines') throw tooManyItems();
  if (added.refused === 'quantity') throw quantityTooHigh();
  return null;
}
