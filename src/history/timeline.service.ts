import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Clock } from '../common/clock';
import { insertMissing } from '../database/documents';
import type { DomainEvent } from '../events/envelope';
import { ORDER_TIMELINE, type TimelineDocument } from './schemas/order-timeline.schema';
import { documentOf } from './timeline.mapper';

export interface TimelineEntry {
  /** The event's. */
  id: string;
  orderId: string;
  at: Date;
  type: string;
  topic: string;
  subject: string;
  sequence: string;
  detail: Record<string, unknown>;
  causedBy: string | null;
  traceId: string | null;
  /** When it was written down here; null for what was before that was noted. */
  recordedAt: Date | null;
}

/** What happened to each order, gathered from the events of all four topics. */
@Injectable()
export class TimelineService {
  constructor(
    @InjectModel(ORDER_TIMELINE) private readonly entries: Model<TimelineDocument>,
    private readonly clock: Clock,
  ) {}

  /** Keeps the events that belong to an order; events of products alone are nobody's timeline. Again changes nothing. */
  async record(events: readonly (DomainEvent & { traceparent: string })[]): Promise<void> {
    const recordedAt = this.clock.now();
    const documents = events.flatMap((event) => (event.orderid ? [documentOf(event, event.orderid, recordedAt)] : []));
    await insertMissing(this.entries.db.collection<TimelineDocument>(ORDER_TIMELINE), documents);
  }

  /** Which of these events are kept. */
  async recorded(eventIds: readonly string[]): Promise<Set<string>> {
    const documents = await this.entries
      .find({ _id: { $in: [...eventIds] } }, { _id: 1 })
      .lean<{ _id: string }[]>()
      .exec();
    return new Set(documents.map((document) => document._id));
  }

  /** Oldest first. */
  async of(orderId: string): Promise<TimelineEntry[]> {
    const documents = await this.entries
      .find({ order_id: orderId })
      .sort({ at: 1, sequence: 1, _id: 1 })
      .lean<TimelineDocument[]>()
      .exec();
    return documents.map((document) => ({
      id: document._id,
      orderId: document.order_id,
      at: document.at,
      type: document.type,
      topic: document.topic,
      subject: document.subject,
      sequence: document.sequence,
      detail: document.detail,
      causedBy: document.causation_id,
      traceId: document.trace_id,
      recordedAt: document.recorded_at ?? null,
    }));
  }
}
