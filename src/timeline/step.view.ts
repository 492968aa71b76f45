import { requestSteps } from './request.mapper';
import { byTime, rankOf, type Receipt, type RecordedEvent, type Step, type StepSource } from './step.types';

/** What a customer reads of each event; everything else is for staff. */
const SHORT_DETAIL = new Set(['number', 'total', 'amount', 'refunded', 'carrier', 'trackingNumber', 'failureCode']);

const FAILURES: Readonly<Record<string, string>> = {
  card_declined: 'The card was declined.',
  voided: 'The order was cancelled before it was paid.',
};

/** Steps that are no events and carry no trace of their own happened in that of an event. */
const TRACED_BY: Readonly<Record<string, string>> = {
  'hold.held': 'inventory.reserved',
  'hold.claimed': 'order.created',
  'hold.committed': 'order.confirmed',
  'hold.restocked': 'order.cancelled',
  'hold.released': 'inventory.released',
  'hold.expired': 'inventory.released',
  'shipment.prepared': 'order.processing',
  'shipment.shipped': 'order.shipped',
  'shipment.delivered': 'order.delivered',
};

const SHIPMENT = new Set(['order.processing', 'order.shipped', 'order.delivered']);

function sourceOf(type: string): StepSource {
  if (SHIPMENT.has(type)) return 'shipment';
  if (type.startsWith('inventory.')) return 'stock';
  if (type.startsWith('payment.')) return 'payment';
  if (type.startsWith('email.')) return 'mail';
  return type.startsWith('sms.') ? 'sms' : 'order';
}

/** The reason of a cancellation is one of ours; that of a refund was written by staff for staff. */
function shorten({ type, detail }: RecordedEvent): Record<string, unknown> {
  const shown = (name: string): boolean => SHORT_DETAIL.has(name) || (name === 'reason' && type === 'order.cancelled');
  return Object.fromEntries(Object.entries(detail).filter(([name]) => shown(name)));
}

function toStep(event: RecordedEvent, detail: Record<string, unknown>, failure: string | null): Step {
  return {
    id: event.id,
    at: event.at,
    source: sourceOf(event.type),
    type: event.type,
    detail,
    failure,
    traceId: event.traceId,
    revision: 'told',
    rank: rankOf('event', event.sequence),
  };
}

function failureCodeOf({ type, detail }: RecordedEvent): string | null {
  return type === 'payment.failed' ? String(detail['failureCode']) : null;
}

/** The events alone, short, and with failures in words for a customer. */
export function customerSteps(events: readonly RecordedEvent[]): Step[] {
  return events
    .map((event) => {
      const code = failureCodeOf(event);
      return toStep(event, shorten(event), code && (FAILURES[code] ?? 'The payment did not go through.'));
    })
    .sort(byTime);
}

function publishStep(event: RecordedEvent): Step[] {
  if (!event.publishedAt) return [];
  return [
    {
      id: `publish:${event.id}`,
      at: event.publishedAt,
      source: 'kafka',
      type: 'event.published',
      detail: { eventId: event.id, eventType: event.type, topic: event.topic },
      failure: null,
      traceId: event.traceId,
      revision: 'done',
      rank: rankOf('publish', event.sequence),
    },
  ];
}

function consumeStep(receipt: Receipt, event: RecordedEvent | undefined): Step {
  return {
    id: `consume:${receipt.group}:${receipt.eventId}`,
    at: receipt.at,
    source: 'kafka',
    type: 'event.consumed',
    detail: { eventId: receipt.eventId, eventType: event?.type ?? null, group: receipt.group },
    failure: null,
    traceId: event?.traceId ?? null,
    revision: 'done',
    rank: rankOf('consume', event?.sequence),
  };
}

/** Everything: requests, events and their way through Kafka, and what was done beside the events. */
export function staffSteps(
  events: readonly RecordedEvent[],
  receipts: readonly Receipt[],
  deeds: readonly Step[],
): Step[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const traceOf = (step: Step): string | null =>
    step.traceId ?? events.find(({ type }) => type === TRACED_BY[step.type])?.traceId ?? null;
  return [
    ...requestSteps(events),
    ...deeds.map((step) => ({ ...step, traceId: traceOf(step) })),
    ...events.map((event) => toStep(event, { ...event.detail, causedBy: event.causedBy }, failureCodeOf(event))),
    ...events.flatMap(publishStep),
    ...receipts.map((receipt) => consumeStep(receipt, byId.get(receipt.eventId))),
  ].sort(byTime);
}
