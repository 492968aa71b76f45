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
import { Outbox } from '../messaging/outbox/outbox.service';
import { TransitionMetrics } from '../observability/transition-metrics';
import { Settings } from '../settings/settings';
import { outOfStock } from './inventory.errors';
import { DEFAULT_WAREHOUSE_ID, InventoryService } from './inventory.service';
import { ReservationRepository, type ReservationLine } from './reservation.repository';
import { RESERVATION, type ReservationStatus } from './reservation.state';
import { StockService, type StockLevel } from './stock.service';

/** One order's event as the stock needs it. */
interface OrderOutcome {
  eventId: string;
  orderId: string;
  checkoutId: string;
}

/** What of these lines is short of what, for the answer to the customer. */
function shortages(short: readonly ReservationLine[], levels: readonly StockLevel[]) {
  const byProduct = new Map(levels.map((level) => [level.productId, level]));
  return short.map(({ productId, quantity }) => {
    const level = byProduct.get(productId);
    return { productId, requested: quantity, available: level ? level.quantity - level.reservedQuantity : 0 };
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
   * late would hold up those who came in time. What it lets pass is decided by `reserve`.
   */
  async refuseShort(tx: EntityManager, lines: readonly ReservationLine[]): Promise<void> {
    const productIds = lines.map((line) => line.productId);
    const levels = await this.inventory.levels(productIds, tx);
    const available = new Map(levels.map((level) => [level.productId, level.quantity - level.reservedQuantity]));
    const short = lines.filter((line) => (available.get(line.productId) ?? 0) < line.quantity);
    if (short.length > 0) throw outOfStock(shortages(short, levels));
  }

  /** Sets all lines aside or none: 409 `checkout.out_of_stock` names what is short. */
  async reserve(
    tx: EntityManager,
    hold: { checkoutId: string; orderId: string; userId: string; lines: readonly ReservationLine[] },
  ): Promise<void> {
    const productIds = hold.lines.map((line) => line.productId);
    const levels = await this.reservations.lockStock(tx, productIds);
    const reserved = new Set(await this.reservations.addReserved(tx, hold.lines));
    const short = hold.lines.filter((line) => !reserved.has(line.productId));
    if (short.length > 0) throw outOfStock(shortages(short, levels));
    await this.reservations.insert(
      tx,
      { ...hold, warehouseId: DEFAULT_WAREHOUSE_ID, ttlSeconds: this.settings.reservationTtlSeconds },
      hold.lines.map((line) => ({ ...line, id: uuidv7() })),
    );
    this.outbox.add(tx, {
      type: 'inventory.reserved',
      subject: hold.checkoutId,
      orderId: hold.orderId,
      data: { userId: hold.userId, items: hold.lines.map(({ productId, quantity }) => ({ productId, quantity })) },
    });
  }

  /** The order is being placed: from here on only its outcome frees the stock, no clock. */
  async claim(tx: EntityManager, checkoutId: string): Promise<void> {
    await this.reservations.move(tx, checkoutId, 'held', 'claimed');
  }

  /** Gives a hold back; a second call, or one too late, changes nothing. Returns the products it concerned. */
  async release(
    tx: EntityManager,
    checkout: { checkoutId: string; orderId: string },
    from: 'held' | 'claimed',
    cause: ReleaseCause,
  ): Promise<string[]> {
    const to = cause === 'expired' ? 'expired' : 'released';
    const lines = await this.take(tx, checkout.checkoutId, from, to);
    if (lines.length === 0) return [];
    await this.stock.recovered(tx, await this.reservations.changeCounters(tx, lines, { reserved: -1, onHand: 0 }));
    this.outbox.add(tx, {
      type: 'inventory.released',
      subject: checkout.checkoutId,
      orderId: checkout.orderId,
      data: { cause, items: lines },
    });
    return lines.map((line) => line.productId);
  }

  /** The order is paid: what it held leaves the stock. Once per event and, by the state, once per order. */
  async commit(outcome: OrderOutcome): Promise<void> {
    const changed = await inTransaction(this.products, async (tx) => {
      if (!(await this.inbox.claim(tx, GROUPS.inventory.name, outcome.eventId))) return [];
      return this.commitIn(tx, outcome);
    });
    await this.tell(changed);
  }

  /** The order ended unshipped: what it still holds is released, what it had taken comes back. */
  async undo(outcome: OrderOutcome): Promise<void> {
    const changed = await inTransaction(this.products, async (tx) => {
      if (!(await this.inbox.claim(tx, GROUPS.inventory.name, outcome.eventId))) return [];
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
      order.cancelled ? this.undoIn(tx, order) : this.commitIn(tx, order),
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

  /** `inventory_lock:{product_id}`: write-only, for people and dashboards. */
  private async mirrorHolds(productIds: readonly string[]): Promise<void> {
    const levels = await this.inventory.levels([...productIds]);
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

  private async commitIn(tx: EntityManager, order: { orderId: string; checkoutId: string }): Promise<string[]> {
    const lines = await this.take(tx, order.checkoutId, 'claimed', 'committed');
    return this.moveStock(tx, order.orderId, lines, 'order');
  }

  private async undoIn(tx: EntityManager, order: { orderId: string; checkoutId: string }): Promise<string[]> {
    const lines = await this.reservations.lockLines(tx, order.checkoutId);
    if (!lines.some(({ status }) => status === 'committed')) {
      return this.release(tx, order, 'claimed', 'order_cancelled');
    }
    const taken = await this.take(tx, order.checkoutId, 'committed', 'restocked');
    return this.moveStock(tx, order.orderId, taken, 'restock');
  }

  private async take(
    tx: EntityManager,
    checkoutId: string,
    from: ReservationStatus,
    to: ReservationStatus,
  ): Promise<ReservationLine[]> {
    if (!RESERVATION.allows(from, to)) throw new RangeError(`a reservation never goes from ${from} to ${to}`);
    const all = await this.reservations.lockLines(tx, checkoutId);
    const lines = all.filter(({ status }) => status === from);
    if (lines.length === 0) {
      this.transitions.refused(RESERVATION, all[0]?.status ?? null, to);
      return [];
    }
    await this.reservations.lockStock(
      tx,
      lines.map((line) => line.productId),
    );
    await this.reservations.move(tx, checkoutId, from, to);
    return lines;
  }

  private async moveStock(
    tx: EntityManager,
    orderId: string,
    lines: readonly ReservationLine[],
    cause: 'order' | 'restock',
  ): Promise<string[]> {
    if (lines.length === 0) return [];
    const sign = cause === 'order' ? -1 : 1;
    const levels = await this.reservations.changeCounters(tx, lines, {
      reserved: cause === 'order' ? -1 : 0,
      onHand: sign,
    });
    await this.reservations.recordMovements(tx, { orderId, warehouseId: DEFAULT_WAREHOUSE_ID, cause, sign }, lines);
    for (const level of levels) await this.stock.changed(tx, level, cause, orderId);
    return lines.map((line) => line.productId);
  }
}
