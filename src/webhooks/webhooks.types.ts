import type { WebhookEventType } from './public-event.view';

export const DISABLED_REASONS = ['staff', 'gone', 'failing'] as const;
/** Staff did it; its server said 410; it failed for days, or took less than was sent to it. */
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** An endpoint as staff see it: without its secrets. */
export interface EndpointRecord {
  id: string;
  url: string;
  description: string;
  eventTypes: WebhookEventType[];
  /** Events that happened before are not sent. */
  listensFrom: Date;
  /** Since then no try has succeeded; null while it works. */
  failingSince: Date | null;
  disabledAt: Date | null;
  disabledReason: DisabledReason | null;
  /** Until then it is also signed with the secret before. */
  formerSecretUntil: Date | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

export interface EndpointChange {
  url?: string;
  description?: string;
  eventTypes?: WebhookEventType[];
  enabled?: boolean;
}

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface DeliveryRecord {
  id: string;
  endpointId: string;
  eventId: string;
  eventType: string;
  status: DeliveryStatus;
  tries: number;
  nextTryAt: Date;
  lastStatus: number | null;
  lastError: string | null;
  lastDurationMs: number | null;
  deliveredAt: Date | null;
  createdAt: Date;
}

/** One try of a delivery. */
export interface AttemptRecord {
  outcome: Outcome;
  status: number | null;
  error: string | null;
  /** The beginning of what the server answered. */
  response: string | null;
  durationMs: number;
  endedAt: Date;
}

export const OUTCOMES = ['delivered', 'refused', 'gone', 'no_answer', 'address_refused', 'not_signed'] as const;
/**
 * 2xx; any other status; 410; no answer in time or at all; not even asked, since its address is private, or since its
 * secret cannot be read.
 */
export type Outcome = (typeof OUTCOMES)[number];

export interface SentAnswer {
  outcome: Outcome;
  status: number | null;
  error: string | null;
  response: string | null;
  durationMs: number;
}

/** What is to be sent now, leased to this worker. */
export interface LeasedDelivery {
  id: string;
  endpointId: string;
  eventId: string;
  payload: string;
  tries: number;
  url: string;
  /** As they are kept, the current one first. */
  secrets: string[];
}
