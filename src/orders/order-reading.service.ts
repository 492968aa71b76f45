import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { decodeCursor, toCursorPage, type Cursor, type CursorPage } from '../common/pagination';
import { ArchiveService } from '../history/archive.service';
import { fromArchive, summaryFromArchive } from './archived-order.mapper';
import { OrderListRepository } from './order-list.repository';
import type { OrderRecord, OrderSummary } from './order.record';
import type { OrderStatus } from './order.state';
import { orderNotFound } from './orders.errors';
import { OrdersRepository } from './orders.repository';

interface ListWish {
  cursor?: string;
  limit: number;
}

/** Newest first; an order in both stores is there once, and PostgreSQL's copy wins. */
function mergeNewestFirst(live: OrderSummary[], archived: OrderSummary[]): OrderSummary[] {
  const seen = new Set(live.map((order) => order.id));
  return [...live, ...archived.filter((order) => !seen.has(order.id))].sort(
    (a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1),
  );
}

/** Orders as they are read, live and archived alike: readers never notice where an order lies. */
@Injectable()
export class OrderReadingService {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly orders: OrdersRepository,
    private readonly lists: OrderListRepository,
    private readonly archive: ArchiveService,
  ) {}

  /** 404 for an order that is not there, or not this user's (when `userId` is given). */
  async get(orderId: string, userId: string | null): Promise<OrderRecord> {
    const order = (await this.orders.find(this.database, orderId)) ?? (await this.fromArchive(orderId));
    if (!order || (userId !== null && order.userId !== userId)) throw orderNotFound();
    return order;
  }

  async ofUser(userId: string, wish: ListWish): Promise<CursorPage<OrderSummary>> {
    const after = decodeCursor(wish.cursor);
    return this.page(
      wish.limit,
      (limit) => this.lists.ofUser(this.database, userId, after, limit),
      (limit) => this.archive.list({ userId }, after, limit),
    );
  }

  async all(status: OrderStatus | null, wish: ListWish): Promise<CursorPage<OrderSummary>> {
    const after: Cursor | null = decodeCursor(wish.cursor);
    return this.page(
      wish.limit,
      (limit) => this.lists.all(this.database, status, after, limit),
      (limit) => this.archive.list(status ? { status } : {}, after, limit),
    );
  }

  private async page(
    limit: number,
    live: (limit: number) => Promise<OrderSummary[]>,
    archived: (limit: number) => ReturnType<ArchiveService['list']>,
  ): Promise<CursorPage<OrderSummary>> {
    const [orders, documents] = await Promise.all([live(limit + 1), archived(limit + 1)]);
    const payments = await this.paymentsOf(documents.map((document) => document.payment_id));
    const old = documents.map((document) => summaryFromArchive(document, payments.get(document.payment_id)));
    const rows = mergeNewestFirst(orders, old).slice(0, limit + 1);
    return toCursorPage(rows, limit, (order) => ({ at: order.createdAt, id: order.id }));
  }

  private async fromArchive(orderId: string): Promise<OrderRecord | null> {
    const document = await this.archive.find(orderId);
    if (!document) return null;
    const payments = await this.paymentsOf([document.payment_id]);
    return fromArchive(document, payments.get(document.payment_id));
  }

  private async paymentsOf(paymentIds: string[]) {
    if (paymentIds.length === 0) return new Map<string, { status: string; provider: string; refunded: number }>();
    return this.lists.paymentsOf(this.database, paymentIds);
  }
}
