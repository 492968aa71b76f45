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
  async due(days: number, limit: number): Promise<OrderRecord[]> {
    const due: OrderRecord[] = [];
    for (const id of await this.archiving.dueIds(this.database, days, limit)) {
      const order = await this.orders.find(this.database, id);
      if (order) due.push(order);
    }
    return due;
  }

  async markArchived(id: string, version: number): Promise<void> {
    await this.archiving.markArchived(this.database, id, version);
  }

  async deleteArchived(hours: number): Promise<number> {
    return this.archiving.deleteArchived(this.database, hours);
  }
}
