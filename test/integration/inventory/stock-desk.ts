import { randomUUID } from 'node:crypto';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { DataSource } from 'typeorm';
import { AuditRepository } from '../../../src/audit/audit.repository';
import { AuditService } from '../../../src/audit/audit.service';
import { CacheMetrics } from '../../../src/cache/cache.metrics';
import { Cache } from '../../../src/cache/cache.service';
import { RedisCircuit } from '../../../src/cache/redis-circuit.policy';
import { RedisClient } from '../../../src/cache/redis.client';
import { inTransaction, sql } from '../../../src/database/sql';
import type { ReleaseCause } from '../../../src/events/inventory.events';
import { InventoryRepository } from '../../../src/inventory/inventory.repository';
import { InventoryService } from '../../../src/inventory/inventory.service';
import { ReservationRepository, type ReservationLine } from '../../../src/inventory/reservation.repository';
import { ReservationService } from '../../../src/inventory/reservation.service';
import { StockService } from '../../../src/inventory/stock.service';
import { Inbox } from '../../../src/messaging/inbox/inbox.service';
import { Outbox } from '../../../src/messaging/outbox/outbox.service';
import { TransitionMetrics } from '../../../src/observability/transition-metrics';
import { Settings } from '../../../src/settings/settings';
import { CountedTransitions } from '../../support/counted-transitions';
import { DeadlockCounter } from '../../support/deadlock-counter';
import { ScratchDatabase } from '../../support/scratch-database';

/** A counter or a gauge that nobody reads. */
const metric = { inc: () => undefined, set: () => undefined, labels: () => metric };
const CACHE_METRICS = ['cache_reads_total', 'cache_fills_total', 'cache_waits_total'];
const REDIS_METRICS = ['redis_errors_total', 'redis_circuit_state', 'redis_circuit_opens_total'];

/** The services of stock and what they stand on, but for database, settings and the counter of refused moves. */
export const STOCK_PROVIDERS = [
  ...[InventoryRepository, ReservationRepository, StockService, InventoryService, ReservationService],
  ...[AuditRepository, AuditService, Outbox, Inbox, Cache, CacheMetrics, RedisClient, RedisCircuit],
  ...[...CACHE_METRICS, ...REDIS_METRICS, 'inbox_duplicates_total'].map((name) => {
    return { provide: getToken(name), useValue: metric };
  }),
];

/** What a products database says of a product's stock: by its counters and by what these count. */
export interface Counted {
  quantity: number;
  reserved: number;
  ledger: number;
  live: number;
}

/** Who sells: its id is the checkout's, the order it may become is another. */
export interface Hold {
  checkoutId: string;
  orderId: string;
}

/** Stock by itself: a real products database and the services that keep it. Redis is away, Kafka is not missed. */
export class StockDesk {
  private constructor(
    readonly database: DataSource,
    readonly inventory: InventoryService,
    readonly reservations: ReservationService,
    readonly transitions: CountedTransitions,
    readonly deadlocks: DeadlockCounter,
    private readonly scratch: ScratchDatabase,
    private readonly module: TestingModule,
  ) {}

  /** With these settings of PostgreSQL in each session. */
  static async open(settings: Record<string, string> = {}): Promise<StockDesk> {
    const scratch = await ScratchDatabase.create('products');
    const database = await scratch.open(settings);
    await database.runMigrations();
    const deadlocks = new DeadlockCounter(database);
    const transitions = new CountedTransitions();
    const module = await Test.createTestingModule({
      providers: [
        ...STOCK_PROVIDERS,
        { provide: Settings, useValue: new Settings(Settings.REQUIRED_FOR_DESCRIPTION) },
        { provide: getDataSourceToken('products'), useValue: database },
        { provide: TransitionMetrics, useValue: transitions },
      ],
    }).compile();
    const inventory = module.get(InventoryService);
    return new StockDesk(database, inventory, module.get(ReservationService), transitions, deadlocks, scratch, module);
  }

  async close(): Promise<void> {
    await this.module.close();
    await this.scratch.drop();
  }

  /** Products of their own with this much on hand each. */
  async products(...quantities: number[]): Promise<string[]> {
    const categoryId = randomUUID();
    const ids = quantities.map(() => randomUUID());
    await inTransaction(this.database, async (tx) => {
      await sql(tx, `INSERT INTO categories (id, name) VALUES ($1, 'Things')`, [categoryId]);
      await sql(
        tx,
        `INSERT INTO products (id, name, price, sku, category_id)
         SELECT id, 'Thing', 1, id::text, $2 FROM unnest($1::uuid[]) AS product(id)`,
        [ids, categoryId],
      );
      await this.inventory.openAll(
        tx,
        ids.map((productId, i) => ({ productId, quantity: quantities[i] ?? 0 })),
      );
    });
    return ids;
  }

  /** A hold of these lines; 409 when they are not all there. */
  async hold(lines: readonly ReservationLine[]): Promise<Hold> {
    const hold = { checkoutId: randomUUID(), orderId: randomUUID() };
    await inTransaction(this.database, (tx) => this.reservations.reserve(tx, { ...hold, userId: randomUUID(), lines }));
    return hold;
  }

  claim(hold: Hold): Promise<void> {
    return inTransaction(this.database, (tx) => Promise.resolve(this.reservations.claim(tx, hold.checkoutId)));
  }

  release(hold: Hold, from: 'held' | 'claimed', cause: ReleaseCause): Promise<string[]> {
    return inTransaction(this.database, (tx) => this.reservations.release(tx, hold, from, cause));
  }

  async counted(productId: string): Promise<Counted> {
    const [row] = await sql<Counted>(
      this.database,
      `SELECT quantity, reserved_quantity AS reserved,
              (SELECT coalesce(sum(delta), 0)::int FROM stock_movements m WHERE m.product_id = i.product_id) AS ledger,
              (SELECT coalesce(sum(r.quantity), 0)::int FROM reservations r
               WHERE r.product_id = i.product_id AND status IN ('held', 'claimed')) AS live
       FROM inventory i
       WHERE product_id = $1`,
      [productId],
    );
    if (!row) throw new Error(`no stock row of ${productId}`);
    return row;
  }
}
