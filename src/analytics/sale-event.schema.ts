import { Schema, type Types } from 'mongoose';

/** One order or payment event as a number to add up; the event's id is the document's. */
export interface SaleEvent {
  _id: string;
  type: string;
  at: Date;
  order_id: string;
  user_id: string;
  amount: Types.Decimal128;
  currency: string;
}

export const SALE_EVENTS = 'analytics';

export const SaleEventSchema = new Schema<SaleEvent>(
  {
    _id: { type: String, required: true },
    type: { type: String, required: true },
    at: { type: Date, required: true },
    order_id: { type: String, required: true },
    user_id: { type: String, required: true },
    amount: { type: Schema.Types.Decimal128, required: true },
    currency: { type: String, required: true },
  },
  { collection: SALE_EVENTS, versionKey: false, autoIndex: false, bufferCommands: false },
);
