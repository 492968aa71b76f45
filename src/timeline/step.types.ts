/** The part of the shop in which a step was taken. */
export type StepSource = 'http' | 'order' | 'stock' | 'payment' | 'provider' | 'shipment' | 'mail' | 'sms' | 'kafka';

/** One step of an order, wherever it was taken. */
export interface Step {
  /** Stable: in every answer and on every stream the same step has it. */
  id: string;
  at: Date;
  source: StepSource;
  type: string;
  detail: Record<string, unknown>;
  /** What went wrong, in words for whom this view is made. */
  failure: string | null;
  traceId: string | null;
  /** Another one tells that more became known of the step: a try, say, has its outcome. */
  revision: string;
  /** Decides, as text, between steps of the same millisecond: a request, what was done, its events, their way. */
  rank: string;
}

/** A step with the order it belongs to: many orders are read at once. */
export interface OrderStep extends Step {
  orderId: string;
}

/** An event of an order, from an outbox or from the history. */
export interface RecordedEvent {
  orderId: string;
  id: string;
  type: string;
  topic: string;
  subject: string;
  sequence: string;
  /** The event or the request that led to it. */
  causedBy: string | null;
  traceId: string | null;
  detail: Record<string, unknown>;
  at: Date;
  /** Null while it is on its way to Kafka, and where only the history knows of it. */
  publishedAt: Date | null;
}

/** A listener group has dealt with an event. */
export interface Receipt {
  eventId: string;
  group: string;
  at: Date;
}

/** Whose eyes a view is for. */
export type Audience = 'customer' | 'staff';

const RANKS = { request: '0', deed: '1', event: '2', publish: '3', consume: '4' } as const;

export function rankOf(kind: keyof typeof RANKS, within = ''): string {
  return `${RANKS[kind]}${within}`;
}

export function byTime(a: Step, b: Step): number {
  const apart = a.at.getTime() - b.at.getTime();
  if (apart !== 0) return apart;
  return a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.id < b.id ? -1 : 1;
}
