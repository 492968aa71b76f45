import { Schema } from 'mongoose';
import type { EventType } from '../../events/catalogue';

/** One event of an order's life; the event's id is the document's, so the same event again changes nothing. */
export interface TimelineDocument {
  _id: string;
  order_id: string;
  at: Date;
  source: string;
  topic: string;
  type: string;
  subject: string;
  sequence: string;
  detail: Record<string, unknown>;
  causation_id: string | null;
  trace_id: string | null;
  /** Documents from before this was noted lack it. */
  recorded_at?: Date;
}

export const ORDER_TIMELINE = 'order_timeline';

/** Fields in which events of before have words of staff about a customer. The `reason` of a cancellation is one of a list. */
export const WORDS_OF_STAFF: readonly { type: EventType; field: string }[] = [
  { type: 'order.cancelled', field: 'note' },
  { type: 'payment.refunded', field: 'reason' },
];

export const OrderTimelineSchema = new Schema<TimelineDocument>(
  {
    _id: { type: String, required: true },
    order_id: { type: String, required: true },
    at: { type: Date, required: true },
    source: { type: String, required: true },
    topic: { type: String, required: true },
    type: { type: String, required: true },
    subject: { type: String, required: true },
    sequence: { type: String, required: true },
    detail: { type: Schema.Types.Mixed, required: true },
    causation_id: { type: String, default: null },
    trace_id: { type: String, default: null },
    recorded_at: { type: Date },
  },
  { collection: ORDER_TIMELINE, versionKey: false, autoIndex: false, bufferCommands: false, minimize: false },
);
