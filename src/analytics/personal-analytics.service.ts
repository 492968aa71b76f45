import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import { SALE_EVENTS, type SaleEvent } from './sale-event.schema';

export interface KeptSale {
  id: string;
  type: string;
  at: Date;
  orderId: string;
  amount: string;
  currency: string;
}

/** What this room keeps by person: numbers, under an id that names nobody once the account is erased. They stay. */
@Injectable()
export class PersonalAnalyticsService {
  constructor(@InjectModel(SALE_EVENTS) private readonly sales: Model<SaleEvent>) {}

  /** Oldest first, page by page, by user_by_time. */
  async *ofUser(userId: string, pageSize: number): AsyncGenerator<KeptSale> {
    for (let after: SaleEvent | undefined; ;) {
      const page = await this.page(userId, after, pageSize);
      for (const sale of page) {
        const { _id: id, type, at, order_id: orderId, currency } = sale;
        yield { id, type, at, orderId, amount: sale.amount.toString(), currency };
      }
      after = page.at(-1);
      if (page.length < pageSize) return;
    }
  }

  private page(userId: string, after: SaleEvent | undefined, limit: number): Promise<SaleEvent[]> {
    const query: QueryFilter<SaleEvent> = {
      user_id: userId,
      ...(after ? { $or: [{ at: { $gt: after.at } }, { at: after.at, _id: { $gt: after._id } }] } : {}),
    };
    return this.sales.find(query).sort({ at: 1, _id: 1 }).limit(limit).lean<SaleEvent[]>().exec();
  }
}
