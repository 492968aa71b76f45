import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { insertMissing } from '../database/documents';
import type { MoneyDto } from '../common/money.dto';
import { SALE_EVENTS, type SaleEvent } from './sale-event.schema';

/** What an event says of money. */
export interface Sale {
  eventId: string;
  type: string;
  time: string;
  orderId: string;
  userId: string;
  money: MoneyDto;
}

function documentOf(sale: Sale): SaleEvent {
  return {
    _id: sale.eventId,
    type: sale.type,
    at: new Date(sale.time),
    order_id: sale.orderId,
    user_id: sale.userId,
    amount: Types.Decimal128.fromString(sale.money.amount),
    currency: sale.money.currency,
  };
}

/** What happened in money, one document an event; reports will add them up. */
@Injectable()
export class AnalyticsService {
  constructor(@InjectModel(SALE_EVENTS) private readonly sales: Model<SaleEvent>) {}

  /** The same events again change nothing. */
  async record(sales: readonly Sale[]): Promise<void> {
    await insertMissing(this.sales.db.collection<SaleEvent>(this.sales.collection.name), sales.map(documentOf));
  }

  /** Which of these events are kept. */
  async recorded(eventIds: readonly string[]): Promise<Set<string>> {
    const documents = await this.sales
      .find({ _id: { $in: [...eventIds] } }, { _id: 1 })
      .lean<{ _id: string }[]>()
      .exec();
    return new Set(documents.map((document) => document._id));
  }
}
