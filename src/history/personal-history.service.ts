import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { ERASED, ERASED_ADDRESS } from '../common/erased.mark';
import { ORDER_HISTORY, type ArchivedOrder } from './schemas/order-history.schema';
import { ORDER_TIMELINE, WORDS_OF_STAFF, type TimelineDocument } from './schemas/order-timeline.schema';

const ON_DISK = { writeConcern: { w: 'majority', j: true } } as const;
const ORDERS_AT_ONCE = 500;

/** What this room keeps of a person: orders of the past. Timelines name nobody, but for words of staff from before. */
@Injectable()
export class PersonalHistoryService {
  constructor(
    @InjectModel(ORDER_HISTORY) private readonly orders: Model<ArchivedOrder>,
    @InjectModel(ORDER_TIMELINE) private readonly timelines: Model<TimelineDocument>,
  ) {}

  /**
   * By user_newest_first. Numbers, lines, amounts and dates stay, for the books. Again it changes nothing. Of orders that
   * are not archived only the timelines are here: the caller names them.
   */
  async erase(userId: string, liveOrderIds: readonly string[]): Promise<void> {
    const address = Object.entries(ERASED_ADDRESS).map(([field, mark]): [string, string] => [
      `shipping_address.${field}`,
      mark,
    ]);
    await this.orders
      .updateMany(
        {
          user_id: userId,
          $or: [{ 'shipping_address.street': { $ne: ERASED } }, { cancel_note: { $type: 'string' } }],
        },
        { $set: { ...Object.fromEntries(address), cancel_note: null } },
        ON_DISK,
      )
      .exec();
    const archived = await this.orders.find({ user_id: userId }, { order_id: 1 }).lean<{ order_id: string }[]>().exec();
    const orderIds = [...liveOrderIds, ...archived.map(({ order_id: id }) => id)];
    for (let from = 0; from < orderIds.length; from += ORDERS_AT_ONCE) {
      await this.eraseWords(orderIds.slice(from, from + ORDERS_AT_ONCE));
    }
  }

  /** By order_oldest_first. */
  private async eraseWords(orderIds: readonly string[]): Promise<void> {
    for (const { type, field } of WORDS_OF_STAFF) {
      const words = `detail.${field}`;
      await this.timelines
        .updateMany(
          { order_id: { $in: [...orderIds] }, type, [words]: { $exists: true } },
          { $unset: { [words]: '' } },
          ON_DISK,
        )
        .exec();
    }
  }
}
