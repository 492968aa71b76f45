import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import type { Cursor } from '../common/pagination';
import { ORDER_HISTORY, type ArchivedOrder } from './schemas/order-history.schema';

export type { ArchivedOrder } from './schemas/order-history.schema';

/** Orders that have left PostgreSQL. Only the archive job writes here. */
@Injectable()
export class ArchiveService {
  constructor(@InjectModel(ORDER_HISTORY) private readonly orders: Model<ArchivedOrder>) {}

  /** Stores the order as it is now; the same order again replaces the document, so there is never a second one. */
  async store(order: ArchivedOrder): Promise<void> {
    await this.orders
      .replaceOne({ order_id: order.order_id }, order, { upsert: true, writeConcern: { w: 'majority', j: true } })
      .exec();
  }

  async find(orderId: string): Promise<ArchivedOrder | null> {
    return this.orders.findOne({ order_id: orderId }, { _id: 0 }).lean<ArchivedOrder>().exec();
  }

  /** Newest first, by the index on user and creation. */
  async list(
    filter: { userId?: string; status?: string },
    after: Cursor | null,
    limit: number,
  ): Promise<ArchivedOrder[]> {
    const query: QueryFilter<ArchivedOrder> = {
      ...(filter.userId ? { user_id: filter.userId } : {}),
      ...(filter.status ? { status: filter.status } : {}),
      ...(after
        ? { $or: [{ created_at: { $lt: after.at } }, { created_at: after.at, order_id: { $lt: after.id } }] }
        : {}),
    };
    return this.orders
      .find(query, { _id: 0 })
      .sort({ created_at: -1, order_id: -1 })
      .limit(limit)
      .lean<ArchivedOrder[]>()
      .exec();
  }
}
