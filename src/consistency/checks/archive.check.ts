import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { toMinorUnits } from '../../common/money';
import { ArchiveService, type ArchivedOrder } from '../../history/archive.service';
import { Settings } from '../../settings/settings';
import { ArchiveAuditRepository, type ArchivableOrder } from '../archive-audit.repository';
import { PAGE, pageOf, type Check, type Finding, type Page, type Scope } from '../consistency.types';

/** What the copy says otherwise than the row; null when they agree. */
function difference(order: ArchivableOrder, copy: ArchivedOrder | undefined): string | null {
  if (!copy) return 'no copy is there';
  if (copy.version !== order.version) return `the copy has version ${copy.version} of ${order.version}`;
  if (copy.status !== order.status) return `the copy is ${copy.status}`;
  if (toMinorUnits(copy.total_amount.toString()) !== toMinorUnits(order.total_amount)) {
    return 'the copy has another total';
  }
  const lines = copy.items.map((item) => `${item.product_id} ${item.quantity} ${toMinorUnits(item.price.toString())}`);
  const wanted = order.items.map((item) => `${item.productId} ${item.quantity} ${toMinorUnits(item.price)}`);
  return lines.join() === wanted.join() ? null : 'the copy has other items';
}

/** Promise 9: what is due for the archive is there as it was, and what is due to leave PostgreSQL has left. */
@Injectable()
export class ArchiveCheck implements Check {
  readonly name = 'archive';
  readonly needs = ['postgres-orders', 'mongo'] as const;

  constructor(
    @InjectDataSource('orders') private readonly orders: DataSource,
    private readonly audit: ArchiveAuditRepository,
    private readonly archive: ArchiveService,
    private readonly settings: Settings,
  ) {}

  async page(after: string | null, { settledFor }: Scope): Promise<Page> {
    const due = { days: this.settings.archiveAfterDays, settledFor };
    return pageOf(await this.audit.dueIds(this.orders, due, after, PAGE));
  }

  async examine(orderIds: readonly string[], { settledFor }: Scope): Promise<Finding[]> {
    const orders = await this.audit.orders(this.orders, orderIds, settledFor);
    const copies = await this.archive.copies(orders.map((order) => order.id));
    return orders.flatMap((order) => this.faultsOf(order, copies.get(order.id)));
  }

  private faultsOf(order: ArchivableOrder, copy: ArchivedOrder | undefined): Finding[] {
    const { id } = order;
    const found = { key: id, ids: [id] };
    if (!order.copied) {
      const detail = `order ${id} is due for the archive and not copied as it is`;
      return [
        { invariant: 'archive.due', ...found, detail, repair: 'for people: see why the archive job does not copy it' },
      ];
    }
    const wrong = difference(order, copy);
    if (wrong !== null) {
      const detail = `order ${id} counts as archived, but ${wrong}`;
      const repair = 'the repair lets the archive job copy it again, in its next ten minutes';
      return [{ invariant: 'archive.copy', ...found, detail, repair, fix: { verb: 'archive-again', orderId: id } }];
    }
    if (!order.leaving) return [];
    const detail = `order ${id} was archived two days ago and is still in PostgreSQL`;
    return [{ invariant: 'archive.left', ...found, detail, repair: 'for people: see why the archive job leaves it' }];
  }
}
