import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** What follows one piece of work through HTTP, the outbox, Kafka and the logs. */
export interface TraceContext {
  requestId: string;
  /** W3C Trace Context: `00-<trace id>-<span id>-<flags>`. */
  traceparent: string;
  /** The event being handled: what it leads to names it as `causationid`. */
  causationId?: string;
  /** SQL statements sent for it so far, those of its transactions included. */
  statements?: number;
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const storage = new AsyncLocalStorage<TraceContext>();

export function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

/** A valid incoming `traceparent` is taken over; anything else starts a new trace (W3C Trace Context, 4.3). */
export function takeOverTraceparent(header: unknown): string {
  return typeof header === 'string' && TRACEPARENT.test(header) ? header : newTraceparent();
}

export function traceIdOf(traceparent: string | undefined): string | null {
  return traceparent && TRACEPARENT.test(traceparent) ? traceparent.slice(3, 35) : null;
}

export function currentTrace(): TraceContext | undefined {
  return storage.getStore();
}

export function countStatements(count = 1): void {
  const trace = storage.getStore();
  if (trace) trace.statements = (trace.statements ?? 0) + count;
}

export function runInTrace<T>(context: TraceContext, work: () => T): T {
  return storage.run(context, work);
}
