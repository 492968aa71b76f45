import { traceIdOf } from '../common/trace-context';
import { EVENTS } from '../events/catalogue';
import type { DomainEvent } from '../events/envelope';
import { WORDS_OF_STAFF, type TimelineDocument } from './schemas/order-timeline.schema';

/** Without words of staff, which events of before have. */
function detailOf({ type, data }: DomainEvent): Record<string, unknown> {
  const isWords = (name: string) => WORDS_OF_STAFF.some((words) => words.type === type && words.field === name);
  return Object.fromEntries(Object.entries(data).filter(([name]) => !isWords(name)));
}

export function documentOf(
  event: DomainEvent & { traceparent: string },
  orderId: string,
  recordedAt: Date,
): TimelineDocument {
  return {
    _id: event.id,
    order_id: orderId,
    at: new Date(event.time),
    source: event.source.split('/').at(-1) ?? event.source,
    topic: EVENTS[event.type].topic,
    type: event.type,
    subject: event.subject,
    sequence: event.sequence,
    detail: detailOf(event),
    causation_id: event.causationid ?? null,
    trace_id: traceIdOf(event.traceparent),
    recorded_at: recordedAt,
  };
}
