import { randomUUID } from 'node:crypto';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { DataSource } from 'typeorm';
import { AuditRepository } from '../../../src/audit/audit.repository';
import { AuditService } from '../../../src/audit/audit.service';
import { CartService } from '../../../src/cart/cart.service';
import { CheckoutRepository, type CheckoutRecord } from '../../../src/checkout/checkout.repository';
import { CheckoutService } from '../../../src/checkout/checkout.service';
import { PlaceOrderService } from '../../../src/checkout/place-order.service';
import { AppError } from '../../../src/common/app-error';
import { inTransaction, sql } from '../../../src/database/sql';
import { ArchiveService } from '../../../src/history/archive.service';
import { Idempotency } from '../../../src/http/idempotency/idempotency.service';
import { InventoryService } from '../../../src/inventory/inventory.service';
import { ReservationService } from '../../../src/inventory/reservation.service';
import { TransitionMetrics } from '../../../src/observability/transition-metrics';
import { OrderMetrics } from '../../../src/orders/orders.metrics';
import { OrdersRepository } from '../../../src/orders/orders.repository';
import { OrdersService } from '../../../src/orders/orders.service';
import { PlacementRepository } from '../../../src/orders/placement.repository';
import { PlacementService } from '../../../src/orders/placement.service';
import { PaymentsRepository } from '../../../src/payments/payments.repository';
import { PaymentsService } from '../../../src/payments/payments.service';
import { RefundService } from '../../../src/payments/refund.service';
import { ProductsService } from '../../../src/products/products.service';
import { Settings } from '../../../src/settings/settings';
import { AddressesService } from '../../../src/users/addresses.service';
import { CountedTransitions } from '../../support/counted-transitions';
import { ScratchDatabase } from '../../support/scratch-database';
import { STOCK_PROVIDERS } from '../inventory/stock-desk';

/** One process that sells: connections and a clock of its own, on databases that all share. */
export interface Seller {
  checkouts: CheckoutService;
  placing: PlaceOrderService;
}

/** All that is known of a checkout, in one line each: what it is, what its stock is, and what order came of it. */
export interface Outcome {
  checkout: string;
  stock: string;
  placement: string | null;
  order: string | null;
}

/** Checkouts and placing by themselves: real products and orders databases, and any number of processes on them. */
export class CheckoutDesk {
  private readonly modules: TestingModule[] = [];

  private constructor(
    private readonly scratch: { products: ScratchDatabase; orders: ScratchDatabase },
    readonly products: DataSource,
    readonly orders: DataSource,
  ) {}

  static async open(): Promise<CheckoutDesk> {
    const scratch = {
      products: await ScratchDatabase.create('products'),
      orders: await ScratchDatabase.create('orders'),
    };
    const [products, orders] = [await scratch.products.open(), await scratch.orders.open()];
    await products.runMigrations();
    await orders.runMigrations();
    return new CheckoutDesk(scratch, products, orders);
  }

  async close(): Promise<void> {
    await Promise.all(this.modules.map((module) => module.close()));
    await this.scratch.products.drop();
    await this.scratch.orders.drop();
  }

  /** One more process; its clock goes ahead by that much. */
  async seller(secondsAhead = 0): Promise<Seller> {
    const module = await this.build({ 'tradepost.clock_offset_seconds': String(secondsAhead) });
    return { checkouts: module.get(CheckoutService), placing: module.get(PlaceOrderService) };
  }

  /** A product with this much on hand, and that many customers' checkouts of one unit each; of one cart if it is given. */
  async checkoutsOfOne(quantity: number, count: number, cartId?: string): Promise<CheckoutRecord[]> {
    const module = await this.build({});
    const [productId, categoryId] = [randomUUID(), randomUUID()];
    return inTransaction(this.products, async (tx) => {
      await sql(tx, `INSERT INTO categories (id, name) VALUES ($1, 'Things')`, [categoryId]);
      await sql(
        tx,
        `INSERT INTO products (id, name, price, sku, category_id) VALUES ($1::uuid, 'Thing', 19.99, $1::text, $2)`,
        [productId, categoryId],
      );
      await module.get(InventoryService).openAll(tx, [{ productId, quantity }]);
      const made: CheckoutRecord[] = [];
      for (let i = 0; i < count; i += 1) {
        const [id, orderId, userId] = [randomUUID(), randomUUID(), randomUUID()];
        const lines = [{ productId, sku: 'SKU', name: 'Thing', unitPrice: 1999, quantity: 1 }];
        await module.get(ReservationService).reserve(tx, { checkoutId: id, orderId, userId, lines });
        const checkout = { id, orderId, userId, cartId: cartId ?? randomUUID(), cartVersion: 1, lines };
        const totals = { subtotal: 1999, discount: 0, shipping: 0, tax: 0, total: 1999, currency: 'USD' };
        const address = { id: userId, street: '1 Main St', city: 'S', state: 'IL', zipCode: '62701', country: 'US' };
        const delivery = { shippingAddress: address, shippingMethod: 'standard' };
        made.push(await module.get(CheckoutRepository).insert(tx, { ...checkout, totals, ...delivery }, 600));
      }
      return made;
    });
  }

  /** Places it; the code of the refusal, or null when it became an order. */
  async place(seller: Seller, checkout: CheckoutRecord): Promise<string | null> {
    const wish = { checkoutId: checkout.id, payment: { provider: 'sandbox' as const, token: 'tok_ok' } };
    const request = { scope: checkout.userId, key: randomUUID(), requestHash: '0'.repeat(64) };
    try {
      await seller.placing.place(checkout.userId, wish, request);
      return null;
    } catch (error) {
      if (error instanceof AppError) return error.code;
      throw error;
    }
  }

  async outcome({ id }: { id: string }): Promise<Outcome> {
    const [held] = await sql<{ checkout: string; stock: string }>(
      this.products,
      `SELECT c.status AS checkout, r.status AS stock
       FROM checkouts c JOIN reservations r ON r.checkout_id = c.id
       WHERE c.id = $1`,
      [id],
    );
    const [placed] = await sql<{ placement: string; order: string | null }>(
      this.orders,
      `SELECT p.status AS placement, o.status AS "order"
       FROM placements p LEFT JOIN orders o ON o.checkout_id = p.checkout_id
       WHERE p.checkout_id = $1`,
      [id],
    );
    if (!held) throw new Error(`no checkout ${id}`);
    return { ...held, placement: placed?.placement ?? null, order: placed?.order ?? null };
  }

  /** What is set aside of the product of these checkouts, by its stock row. */
  async reserved([first]: readonly CheckoutRecord[]): Promise<number | undefined> {
    const [row] = await sql<{ reserved: number }>(
      this.products,
      `SELECT reserved_quantity AS reserved FROM inventory WHERE product_id = $1`,
      [first?.lines[0]?.productId],
    );
    return row?.reserved;
  }

  private async build(settings: Record<string, string>): Promise<TestingModule> {
    const module = await Test.createTestingModule({
      providers: [
        ...[AuditService, AuditRepository],
        ...STOCK_PROVIDERS,
        ...[CheckoutRepository, CheckoutService, PlaceOrderService, PlacementRepository, PlacementService],
        ...[OrdersRepository, OrdersService, PaymentsRepository, PaymentsService, Idempotency],
        { provide: Settings, useValue: new Settings(Settings.REQUIRED_FOR_DESCRIPTION) },
        { provide: getDataSourceToken('products'), useValue: await this.scratch.products.open(settings) },
        { provide: getDataSourceToken('orders'), useValue: await this.scratch.orders.open(settings) },
        { provide: TransitionMetrics, useValue: new CountedTransitions() },
        { provide: OrderMetrics, useValue: { moved: () => undefined } },
        { provide: getToken('payment_undos_refused_total'), useValue: { inc: () => undefined } },
        // The cart lies in a third database, and nobody here is refunded, reads the catalogue or an archive.
        { provide: CartService, useValue: { removeOrdered: () => Promise.resolve() } },
        ...[ProductsService, AddressesService, ArchiveService, RefundService].map((provide) => ({
          provide,
          useValue: {},
        })),
      ],
    }).compile();
    this.modules.push(module);
    return module;
  }
}
