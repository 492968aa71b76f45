import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { ERASED, ERASED_ADDRESS } from '../common/erased.mark';
import { ORDER_HISTORY, type ArchivedOrder } from './schemas/order-history.schema';

/** What this room keeps of a person: orders of the past. The timelines name nobody. */
@Injectable()
export class PersonalHistoryService {
  constructor(@InjectModel(ORDER_HISTORY) private readonly orders: Model<ArchivedOrder>) {}

  /** By user_newest_first. Numbers, lines, amounts and dates stay, for the books. Again it changes nothing. */
  async erase(userId: string): Promise<void> {
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
        { writeConcern: { w: 'majority', j: true } },
      )
      .exec();
  }
}
