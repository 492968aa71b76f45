import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { CACHE } from '../cache/keys';
import { RedisClient } from '../cache/redis.client';
import { inTransaction } from '../database/sql';
import type { ReleaseCause } from '../events/inventory.events';
import { Inbox } from '../messaging/inbox/inbox.service';
import { GROUPS } from '../messaging/kafka/listener-groups';
import type { EventCause } from '../events/envelope';
import { Outbox } from '../messaging/outbox/outbox.service';
import { TransitionMetrics } from '../observability/transition-metrics';
import { Settings } from '../settings/settings';
import { outOfStock } from './inventory.errors';
import { DEFAULT_WAREHOUSE_ID, InventoryService } from './inventory.service';
import { ReservationRepository, type LockedLine, type ReservationLine } from './reservation.repository';
import { RESERVATION, type ReservationStatus } from './reservation.state';
import { StockService, type StockLevel } from './stock.service';

export type { StockLevel } from './stock.types';

/** An order as the stock knows it. */
interface StockOrder {
  orderId: string;
  checkoutId: string;
}

/** One order's event as the stock needs it; its id and, of many at once, the event itself as the cause of what follows. */
interface OrderOutcome extends StockOrder {
  id: string;
  cause?: EventCause;
}

/** What of these lines is short of what, for the answer to the customer. */
function shortages(short: readonly ReservationLine[], available: ReadonlyMap<string, number>) {
  return short.map(({ productId, quantity }) => {
    return { productId, requested: quantity, available: available.get(productId) ?? 0 };
  });
}

/**
 * Holds stock for checkouts and settles it by their orders' outcome. Every change runs in the caller's or its own
 * products transaction, with the stock rows locked by product id.
 */
@Injectable()
export class ReservationService {
  private readonly logger = new Logger(ReservationService.name);

  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly reservations: ReservationRepository,
    private readonly stock: StockService,
    private readonly inventory: InventoryService,
    private readonly outbox: Outbox,
    private readonly inbox: Inbox,
    private readonly redis: RedisClient,
    private readonly transitions: TransitionMetrics,
    private readonly settings: Settings,
  ) {}

  /** Locks the stock of all these products at once: a transaction that releases one hold and takes another needs both. */
  async lockStock(tx: EntityManager, productIds: readonly string[]): Promise<void> {
    await this.reservations.lockStock(tx, productIds);
  }

  /**
   * Refuses what is plainly not there without waiting for the rows: when many want the same thing, those who come too
   * late would hold up those who came in time. `products` says what is left of each. What it lets pass is decided by
   * `reserve`.
   */
  refuseShort(lines: readonly ReservationLine[], products: readonly { id: string; available: number }[]): void {
    const available = new Map(products.map((product) => [product.id, product.available]));
    const short = lines.filter((line) => (available.get(line.productId) ?? 0) < line.quantity);
    if (short.length > 0) throw outOfStock(shortages(short, available));
  }

  /**
   * Sets all lines aside or none: 409 `checkout.out_of_stock` names what is short. Gives the rows as they are now.
   */
  async reserve(
    tx: EntityManager,
    hold: { checkoutId: string; orderId: string; userId: string; lines: readonly ReservationLine[] },
  ): Promise<StockLevel[]> {
    const reserved = await this.reservations.hold(
      tx,
      { ...hold, warehouseId: DEFAULT_WAREHOUSE_ID, ttlSeconds: this.settings.reservationTtlSeconds },
      hold.lines.map((line) => ({ ...line, id: uuidv7() })),
    );
    const enough = new Set(reserved.map((level) => level.productId));
    const short = hold.lines.filter((line) => !enough.has(line.productId));
    if (short.length > 0) throw outOfStock(shortages(short, await this.left(tx, short)));
    this.outbox.add(tx, {
      type: 'inventory.reserved',
      subject: hold.checkoutId,
      orderId: hold.orderId,
      data: { userId: hold.userId, items: hold.lines.map(({ productId, quantity }) => ({ productId, quantity })) },
    });
    return reserved;
  }

  /** The order is being placed: from here on only its outcome frees the stock, no clock. */
  claim(tx: EntityManager, checkoutId: string): void {
    this.reservations.move(tx, [checkoutId], 'held', 'claimed');
  }

  /** Gives a hold back; a second call, or one too late, changes nothing. Returns the products it concerned. */
  async release(
    tx: EntityManager,
    checkout: { checkoutId: string; orderId: string },
    from: 'held' | 'claimed',
    cause: ReleaseCause,
  ): Promise<string[]> {
    const to = cause === 'expired' ? 'expired' : 'released';
    const taken = await this.take(tx, [checkout], from, to);
    if (taken.length === 0) return [];
    const lines = taken.map(({ productId, quantity }) => ({ productId, quantity }));
    await this.stock.recovered(tx, await this.reservations.changeCounters(tx, lines, { reserved: -1, onHand: 0 }));
    this.outbox.add(tx, {
      type: 'inventory.released',
      subject: checkout.checkoutId,
      orderId: checkout.orderId,
      data: { cause, items: lines },
    });
    return lines.map((line) => line.productId);
  }

  /** The orders are paid: what they held leaves the stock. Once per event and, by the state, once per order. */
  async commit(outcomes: readonly OrderOutcome[]): Promise<void> {
    const changed = await inTransaction(this.products, async (tx) =>
      this.commitIn(tx, await this.inbox.claimAll(tx, GROUPS.inventory.name, outcomes)),
    );
    await this.tell(changed);
  }

  /** The order ended unshipped: what it still holds is released, what it had taken comes back. */
  async undo(outcome: OrderOutcome): Promise<void> {
    const changed = await inTransaction(this.products, async (tx) => {
      if (!(await this.inbox.claim(tx, GROUPS.inventory.name, outcome.id))) return [];
      return this.undoIn(tx, outcome);
    });
    await this.tell(changed);
  }

  /**
   * What `commit` or `undo` would have done, for an order whose event had no effect. The state alone decides, no inbox:
   * a second call changes nothing, nor does the event if it comes after all. False when the stock had followed already.
   */
  async follow(order: { orderId: string; checkoutId: string; cancelled: boolean }): Promise<boolean> {
    const changed = await inTransaction(this.products, (tx) =>
      order.cancelled ? this.undoIn(tx, order) : this.commitIn(tx, [order]),
    );
    await this.tell(changed);
    return changed.length > 0;
  }

  /** After the commit, which no failure here undoes: what is available is read anew, and people see what is held. */
  async tell(productIds: readonly string[]): Promise<void> {
    if (productIds.length === 0) return;
    await this.inventory.forgetAvailability([...productIds]);
    await this.mirrorHolds(productIds).catch((error: unknown) =>
      this.logger.warn(`inventory_lock shows the holds of before: ${String(error)}`),
    );
  }

  /** The same for who has just changed the rows and knows what they say. The listener of stock events looks again. */
  async tellLevels(levels: readonly StockLevel[]): Promise<void> {
    await Promise.all([
      this.inventory.forgetAvailability(levels.map(({ productId }) => productId)),
      this.mirrorLevels(levels),
    ]);
  }

  /** `inventory_lock:{product_id}`: write-only, for people and dashboards. */
  async mirrorHolds(productIds: readonly string[]): Promise<void> {
    await this.mirrorLevels(await this.inventory.levels([...productIds]));
  }

  private async mirrorLevels(levels: readonly StockLevel[]): Promise<void> {
    await this.redis.attempt(async (redis) => {
      const pipeline = redis.pipeline();
      for (const level of levels) {
        const key = CACHE.inventoryLock.key(level.productId);
        if (level.reservedQuantity > 0) {
          pipeline.set(key, String(level.reservedQuantity), 'EX', CACHE.inventoryLock.ttl);
        } else {
          pipeline.del(key);
        }
      }
      await pipeline.exec();
    }, undefined);
  }

  private async left(tx: EntityManager, lines: readonly ReservationLine[]): Promise<Map<string, number>> {
    const levels = await this.inventory.levels(
      lines.map(({ productId }) => productId),
      tx,
    );
    return new Map(levels.map((level) => [level.productId, level.quantity - level.reservedQuantity]));
  }

  private async commitIn(
    tx: EntityManager,
    orders: readonly (StockOrder & { cause?: EventCause })[],
  ): Promise<string[]> {
    return this.moveStock(tx, orders, await this.take(tx, orders, 'claimed', 'committed'), 'order');
  }

  private async undoIn(tx: EntityManager, order: StockOrder): Promise<string[]> {
    const lines = await this.reservations.lockLines(tx, [order.checkoutId]);
    if (!lines.some(({ status }) => status === 'committed')) {
      return this.release(tx, order, 'claimed', 'order_cancelled');
    }
    return this.moveStock(tx, [order], await this.take(tx, [order], 'committed', 'restocked'), 'restock');
  }

  /** Moves the lines of these checkouts that are in `from`, with the stock they concern locked. */
  private async take(
    tx: EntityManager,
    checkouts: readonly { checkoutId: string }[],
    from: ReservationStatus,
    to: ReservationStatus,
  ): Promise<LockedLine[]> {
    if (!RESERVATION.allows(from, to)) throw new RangeError(`a reservation never goes from ${from} to ${to}`);
    if (checkouts.length === 0) return [];
    const ids = checkouts.map(({ checkoutId }) => checkoutId);
    const all = await this.reservations.lockLines(tx, ids);
    const lines = all.filter(({ status }) => status === from);
    const moving = new Set(lines.map(({ checkoutId }) => checkoutId));
    for (const id of ids.filter((one) => !moving.has(one))) {
      const status = all.find(({ checkoutId }) => checkoutId === id)?.status ?? null;
      this.transitions.refused(RESERVATION, status, to);
    }
    if (lines.length === 0) return [];
    const productIds = lines.map((line) => line.productId);
    await this.reservations.lockStock(tx, productIds);
    this.reservations.move(tx, [...moving], from, to);
    return lines;
  }

  /** One change of the counters a product, one entry of the ledger and one event a line. */
  private async moveStock(
    tx: EntityManager,
    orders: readonly (StockOrder & { cause?: EventCause })[],
    lines: readonly LockedLine[],
    cause: 'order' | 'restock',
  ): Promise<string[]> {
    if (lines.length === 0) return [];
    const sign = cause === 'order' ? -1 : 1;
    const reserved = cause === 'order' ? -1 : 0;
    const byCheckout = new Map(orders.map((order) => [order.checkoutId, order]));
    const movements = lines.flatMap(({ checkoutId, productId, quantity }) => {
      const order = byCheckout.get(checkoutId);
      return order ? [{ orderId: order.orderId, productId, quantity, because: order.cause }] : [];
    });
    this.reservations.recordMovements(tx, { warehouseId: DEFAULT_WAREHOUSE_ID, cause, sign }, movements);
    const levels = await this.reservations.changeCounters(tx, lines, { reserved, onHand: sign });
    const change = { quantity: sign, reservedQuantity: reserved };
    await this.stock.changedByOrders(tx, levels, { cause, change, movements });
    return levels.map((level) => level.productId);
  }
}
