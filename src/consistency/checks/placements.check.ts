import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { toMinorUnits } from '../../common/money';
import { ArchiveService, type ArchivedOrder } from '../../history/archive.service';
import { PAGE, pageOf, type Check, type Finding, type Page } from '../consistency.types';
import { OrdersAuditRepository, type AuditedPlacement } from '../orders-audit.repository';

const PEOPLE = 'for people: find the order in the backups, in its events and in the answer its customer got';

/** Promise 2: what was placed is in at least one store, with its payment. PostgreSQL is asked first, as readers do. */
@Injectable()
export class PlacementsCheck implements Check {
  readonly name = 'placements';
  readonly needs = ['postgres-orders', 'mongo'] as const;

  constructor(
    @InjectDataSource('orders') private readonly orders: DataSource,
    private readonly audit: OrdersAuditRepository,
    private readonly archive: ArchiveService,
  ) {}

  async page(after: string | null): Promise<Page> {
    return pageOf(await this.audit.checkoutIds(this.orders, after, PAGE));
  }

  async examine(checkoutIds: readonly string[]): Promise<Finding[]> {
    const rows = await this.audit.placements(this.orders, checkoutIds);
    const gone = rows.filter((row) => !row.live).map((row) => row.order_id);
    const archived = await this.archive.copies(gone);
    return rows.flatMap((row) => this.faultsOf(row, archived.get(row.order_id)));
  }

  private faultsOf(row: AuditedPlacement, copy: ArchivedOrder | undefined): Finding[] {
    const { checkout_id: key, order_id: orderId } = row;
    const found = (invariant: string, detail: string): Finding => ({
      invariant,
      key,
      ids: [orderId, key],
      detail: `order ${orderId} of checkout ${key} ${detail}`,
      repair: PEOPLE,
    });
    const findings: Finding[] = [];
    if (!row.live && !copy) findings.push(found('placement.order', 'was placed and is in no store'));
    if (row.payment_id === null) findings.push(found('placement.payment', 'was placed and has no payment'));
    if (!row.live && copy && row.payment_amount !== null) {
      const total = toMinorUnits(copy.total_amount.toString());
      if (total !== toMinorUnits(row.payment_amount)) {
        findings.push(
          found('archive.total', `is archived with another total than its payment's ${row.payment_amount}`),
        );
      }
    }
    return findings;
  }
}

/** Between scope and key of a stored answer: the one character that PostgreSQL keeps in no text. */
const SEPARATOR = '\u0000';

function placeOf(cursor: string): { scope: string; key: string } {
  const [scope = '', key = ''] = cursor.split(SEPARATOR);
  return { scope, key };
}

/** Promise 2, from the customer's side: what a stored answer says was placed is there. */
@Injectable()
export class AnswersCheck implements Check {
  readonly name = 'stored-answers';
  readonly needs = ['postgres-orders', 'mongo'] as const;

  constructor(
    @InjectDataSource('orders') private readonly orders: DataSource,
    private readonly audit: OrdersAuditRepository,
    private readonly archive: ArchiveService,
  ) {}

  async page(after: string | null): Promise<Page> {
    const rows = await this.audit.answered(this.orders, after === null ? null : placeOf(after), PAGE);
    const last = rows.length < PAGE ? undefined : rows.at(-1);
    return {
      keys: rows.map((row) => row.order_id),
      next: last ? `${last.scope}${SEPARATOR}${last.key}` : null,
    };
  }

  async examine(orderIds: readonly string[]): Promise<Finding[]> {
    const live = await this.audit.live(this.orders, orderIds);
    const gone = orderIds.filter((id) => !live.has(id));
    const archived = await this.archive.copies(gone);
    return gone
      .filter((id) => !archived.has(id))
      .map((id) => ({
        invariant: 'answer.order',
        key: id,
        ids: [id],
        detail: `a customer was told of order ${id}, which is in no store`,
        repair: PEOPLE,
      }));
  }
}

/** Promise 3: one live order for a checkout and for a cart version. The rows are asked, not the indexes. */
@Injectable()
export class TwinsCheck implements Check {
  readonly name = 'twins';
  readonly needs = ['postgres-orders'] as const;

  constructor(
    @InjectDataSource('orders') private readonly orders: DataSource,
    private readonly audit: OrdersAuditRepository,
  ) {}

  async page(): Promise<Page> {
    return { keys: (await this.audit.twins(this.orders, PAGE)).map((row) => row.twin), next: null };
  }

  async examine(twins: readonly string[]): Promise<Finding[]> {
    if (twins.length === 0) return [];
    const rows = await this.audit.twins(this.orders, PAGE);
    return rows
      .filter((row) => twins.includes(row.twin))
      .map(({ twin, order_ids: ids }) => ({
        invariant: 'order.twice',
        key: twin,
        ids,
        detail: `${ids.length} live orders came of ${twin.includes(' ') ? 'one cart version' : `checkout ${twin}`}: ${ids.join(', ')}`,
        repair: 'for people: cancel all but one',
      }));
  }
}
