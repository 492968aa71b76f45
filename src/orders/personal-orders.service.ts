import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import { Idempotency } from '../http/idempotency/idempotency.service';
import { OrderReadingService } from './order-reading.service';
import type { OrderRecord } from './order.record';
import { PersonalOrdersRepository } from './personal-orders.repository';

export type { OrderRecord } from './order.record';

/** What this room keeps of a person: what they ordered, and where it went. */
@Injectable()
export class PersonalOrdersService {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly orders: PersonalOrdersRepository,
    private readonly reading: OrderReadingService,
    private readonly idempotency: Idempotency,
  ) {}

  /** Live and archived, newest first, a page at a time. */
  async *pagesOf(userId: string, pageSize: number): AsyncGenerator<OrderRecord[]> {
    for (let cursor: string | undefined; ;) {
      const { items, page } = await this.reading.ofUser(userId, { cursor, limit: pageSize });
      const orders: OrderRecord[] = [];
      for (const { id } of items) orders.push(await this.reading.get(id, userId));
      yield orders;
      if (page.nextCursor === null) return;
      cursor = page.nextCursor;
    }
  }

  /** Orders that are not finished, at most `limit`. */
  openOf(userId: string, limit: number): Promise<string[]> {
    return this.orders.openOf(this.database, userId, limit);
  }

  /** All that are not in the archive alone. */
  liveOf(userId: string): Promise<string[]> {
    return this.orders.idsOf(this.database, userId);
  }

  /** Numbers, lines, amounts and dates stay, for the books; so do carrier and tracking number, which name a parcel. */
  async erase(userId: string): Promise<void> {
    await inTransaction(this.database, (tx) => {
      this.orders.erase(tx, userId);
      this.idempotency.forgetOf(tx, userId);
      this.orders.forgetAnswersAbout(tx, userId);
      return Promise.resolve();
    });
  }
}
