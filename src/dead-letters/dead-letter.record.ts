import type { DeadLetterStatus } from './dead-letter.state';

/** Header names and values in the order they came, values in base64: Kafka's are bytes, and a name may come twice. */
export type StoredHeaders = [name: string, valueBase64: string][];

/** A dead letter as it came from Kafka. Whatever could not be read of it is null. */
export interface NewDeadLetter {
  id: string;
  /** Where it lies in Kafka. */
  dlqTopic: string;
  dlqPartition: number;
  dlqOffset: string;
  /** When the group gave it up. After a lost disk offsets begin anew; with this time they are still told apart. */
  failedAt: Date;
  /** The group that gave it up, and where that had read it. */
  listenerGroup: string | null;
  topic: string;
  partition: number | null;
  offset: string | null;
  eventId: string | null;
  eventType: string | null;
  orderId: string | null;
  key: Buffer | null;
  value: Buffer | null;
  /** The event's own. */
  headers: StoredHeaders;
  error: string;
  stack: string;
}

/** What a list shows of it. */
export interface DeadLetterSummary {
  id: string;
  listenerGroup: string | null;
  topic: string;
  eventId: string | null;
  eventType: string | null;
  orderId: string | null;
  error: string;
  status: DeadLetterStatus;
  failedAt: Date;
  receivedAt: Date;
  /** Who redrove or discarded it, a user's id. */
  decidedBy: string | null;
  decidedAt: Date | null;
  discardReason: string | null;
  redrivenAt: Date | null;
}

export interface DeadLetterRecord extends DeadLetterSummary {
  partition: number | null;
  offset: string | null;
  key: Buffer | null;
  value: Buffer | null;
  headers: StoredHeaders;
  stack: string;
  /** Tries to send it again, and why the last one failed. */
  tries: number;
  lastError: string | null;
}

/** What is sent again. */
export interface LeasedDeadLetter {
  id: string;
  listenerGroup: string | null;
  topic: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: StoredHeaders;
  tries: number;
}
