import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, type Model, type QueryFilter } from 'mongoose';
import type { Cursor } from '../common/pagination';
import { ORDER_HISTORY, type ArchivedOrder } from './schemas/order-history.schema';

export type { ArchivedOrder } from './schemas/order-history.schema';

const DUPLICATE_KEY = 11000;

/** Orders that have left PostgreSQL. Only the archive job writes here. */
@Injectable()
export class ArchiveService {
  constructor(@InjectModel(ORDER_HISTORY) private readonly orders: Model<ArchivedOrder>) {}

  /** Stores the order as it is now; a newer copy stays, and there is never a second document. */
  async store(order: ArchivedOrder): Promise<void> {
    try {
      await this.orders
        .replaceOne({ order_id: order.order_id, version: { $lte: order.version } }, order, {
          upsert: true,
          writeConcern: { w: 'majority', j: true },
        })
        .exec();
    } catch (error) {
      // The upsert met the unique index: a newer copy is there.
      if (!(error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY)) throw error;
    }
  }

  /** The version each of these orders is archived in; one that is not archived is left out. */
  async versions(orderIds: readonly string[]): Promise<Map<string, number>> {
    const documents = await this.orders
      .find({ order_id: { $in: [...orderIds] } }, { _id: 0, order_id: 1, version: 1 })
      .lean<{ order_id: string; version: number }[]>()
      .exec();
    return new Map(documents.map((document) => [document.order_id, document.version]));
  }

  /** The whole documents of these orders, by order; one that is not archived is left out. */
  async copies(orderIds: readonly string[]): Promise<Map<string, ArchivedOrder>> {
    if (orderIds.length === 0) return new Map();
    const documents = await this.orders
      .find({ order_id: { $in: [...orderIds] } }, { _id: 0 })
      .lean<ArchivedOrder[]>()
      .exec();
    return new Map(documents.map((document) => [document.order_id, document]));
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
