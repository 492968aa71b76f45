import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { OrderArchivingRepository } from './order-archiving.repository';
import type { OrderRecord } from './order.record';
import { OrdersRepository } from './orders.repository';

export type { OrderRecord } from './order.record';

/** The orders database's side of the move to the archive. */
@Injectable()
export class OrderArchivingService {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly archiving: OrderArchivingRepository,
    private readonly orders: OrdersRepository,
  ) {}

  /** Orders that finished that long ago and are not copied as they are now. */
  async due(days: number, after: string | null, limit: number): Promise<OrderRecord[]> {
    const due: OrderRecord[] = [];
    for (const id of await this.archiving.dueIds(this.database, days, after, limit)) {
      const order = await this.orders.find(this.database, id);
      if (order) due.push(order);
    }
    return due;
  }

  async markArchived(id: string, version: number): Promise<void> {
    await this.archiving.markArchived(this.database, id, version);
  }

  copied(hours: number, limit: number): Promise<{ id: string; version: number }[]> {
    return this.archiving.copied(this.database, hours, limit);
  }

  async remove(id: string, version: number): Promise<void> {
    await this.archiving.remove(this.database, id, version);
  }

  async forgetCopy(id: string): Promise<void> {
    await this.archiving.forgetCopy(this.database, id);
  }
}
