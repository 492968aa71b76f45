import type { Connection } from '../../../src/database/connections';
import { eventually } from '../../support/eventually';
import { Shop, type OrderBody, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

export interface Breach {
  invariant: string;
  ids: string[];
  detail: string;
  repair: string;
}

export interface Report {
  checkedAt: string;
  breaches: Breach[];
  skipped: { check: string; because: string }[];
  checked: Record<string, number>;
}

export interface Outcome {
  repaired: { invariant: string; ids: string[]; done: string }[];
  left: Report;
}

export interface BoughtOrder {
  id: string;
  productId: string;
  checkoutId: string;
  paymentId: string;
  customer: Visitor;
}

export function idsOf({ id, productId, checkoutId, paymentId }: BoughtOrder): string[] {
  return [id, productId, checkoutId, paymentId];
}

/** The running shop, someone who looks whether it is consistent, and hands that make it so that it is not. */
export class AuditOffice {
  readonly shop = new Shop();
  readonly stores = new Stores();
  private undone: (() => Promise<unknown>)[] = [];

  private constructor(readonly admin: Visitor) {}

  static async open(): Promise<AuditOffice> {
    return new AuditOffice(await new Shop().admin());
  }

  close(): void {
    this.stores.close();
  }

  report(settledFor = 0): Promise<Report> {
    return this.admin.get(`/v1/admin/consistency?settledFor=${settledFor}`);
  }

  /** Invariants that are broken for any of these, each once, by their names. */
  static brokenFor(report: Report, ...ids: string[]): string[] {
    const concerned = report.breaches.filter((breach) => breach.ids.some((id) => ids.includes(id)));
    return [...new Set(concerned.map((breach) => breach.invariant))].sort();
  }

  repair(settledFor = 0): Promise<Outcome> {
    return this.admin.post(`/v1/admin/consistency/repair?settledFor=${settledFor}`);
  }

  /** An order of two pieces of a product of its own, come to this status; not settled yet. */
  async buy(status = 'processing', token = 'tok_ok'): Promise<BoughtOrder> {
    const product = await this.shop.product(10);
    const customer = await this.shop.customer();
    const order = await customer.buy(product.id, 2, token);
    await customer.orderInStatus(order.id, status, 60_000);
    const { checkout_id: checkoutId, payment_id: paymentId } = await this.stores.row<{
      checkout_id: string;
      payment_id: string;
    }>('orders', 'SELECT checkout_id, payment_id FROM orders WHERE id = $1', [order.id]);
    return { id: order.id, productId: product.id, checkoutId, paymentId, customer };
  }

  async deliver({ id }: BoughtOrder): Promise<void> {
    await this.admin.post<OrderBody>(`/v1/admin/orders/${id}/ship`, { carrier: 'UPS', trackingNumber: '1Z' });
    await this.admin.post<OrderBody>(`/v1/admin/orders/${id}/deliver`);
  }

  /** Nothing about these orders is on its way any more. */
  async settled(orders: readonly BoughtOrder[]): Promise<void> {
    const ids = orders.map(({ id }) => id);
    await eventually(
      'all mails to be sent',
      async () => {
        const { waiting } = await this.stores.row<{ waiting: string }>(
          'users',
          `SELECT count(*) AS waiting FROM notifications WHERE order_id = ANY($1) AND status <> 'sent'`,
          [ids],
        );
        return waiting === '0';
      },
      90_000,
    );
    await eventually(
      'all orders to be settled',
      async () => AuditOffice.brokenFor(await this.report(), ...orders.flatMap(idsOf)).length === 0,
      90_000,
    );
  }

  /** Changes rows behind the shop's back, and remembers how to make it undone. */
  async plant(database: Connection, change: string, undo: string, values: unknown[] = []): Promise<void> {
    await this.stores.rows(database, change, values);
    this.undone.push(() => this.stores.rows(database, undo, values));
  }

  /** Removes rows behind the shop's back; they come back as they were. */
  async remove(database: Connection, table: string, where: string, values: unknown[]): Promise<void> {
    const { rows } = await this.stores.row<{ rows: object[] }>(
      database,
      `SELECT coalesce(json_agg(t), '[]') AS rows FROM ${table} t WHERE ${where}`,
      values,
    );
    if (rows.length === 0) throw new Error(`nothing to remove: ${table} where ${where}`);
    await this.stores.rows(database, `DELETE FROM ${table} WHERE ${where}`, values);
    this.undone.push(() =>
      this.stores.rows(
        database,
        `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::${table}, $1)`,
        [JSON.stringify(rows)],
      ),
    );
  }

  /** What else is to be done when all is made undone. */
  afterwards(step: () => Promise<unknown>): void {
    this.undone.push(step);
  }

  /** Undoes what was planted, the last first. */
  async undo(): Promise<void> {
    const steps = this.undone.reverse();
    this.undone = [];
    for (const step of steps) await step();
  }
}
