import type { EventData, EventType } from './catalogue';

/** The event that led to others, and the trace they go on in. */
export interface EventCause {
  id: string;
  traceparent: string;
}

/**
 * What a service hands to the outbox. Ids, time, trace and sequence are added on the way. The cause is the request or
 * event being handled, unless it is given: who handles many events at once says which of them led to what.
 */
export type NewEvent = {
  [T in EventType]: {
    id?: string;
    type: T;
    subject: string;
    orderId: string | null;
    data: EventData<T>;
    cause?: EventCause;
  };
}[EventType];

/** CloudEvents 1.0 with the extensions of the contract, as it travels through Kafka. */
export interface CloudEvent<T extends EventType = EventType> {
  specversion: '1.0';
  /** UUIDv7, also the key of every inbox. */
  id: string;
  type: T;
  source: string;
  /** The aggregate's id. */
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  /** Ends in the payload's major version. */
  dataschema: string;
  /** Rises within one subject; twenty digits, so that it also sorts as text (CloudEvents sequence extension). */
  sequence: string;
  orderid?: string;
  /** The event or request that led to this one. */
  causationid?: string;
  data: EventData<T>;
}

/** A received event, told apart by its type. */
export type DomainEvent = { [T in EventType]: CloudEvent<T> }[EventType];
