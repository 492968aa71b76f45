import type { Connection } from '../database/connections';

/** What a check asks; named as `/health/ready` names them. */
export type Store = `postgres-${Connection}` | 'mongo' | 'kafka' | 'payment-provider';

/** What is looked at, and how long work may wait. */
export interface Scope {
  /** Work that waits no longer than this is on its way, in seconds. Promises that always hold know no such time. */
  settledFor: number;
  /** Events older than this are not looked at, in days: outbox rows are kept for eight. */
  days: number;
}

/** What the repair can do about one breach; every one looks again, under lock, before it changes anything. */
export type Fix =
  | { verb: 'correct-stock'; productId: string }
  | { verb: 'settle-stock'; orderId: string; checkoutId: string }
  | { verb: 'decide-order'; orderId: string }
  | { verb: 'refund-ended'; orderId: string }
  | { verb: 'publish-again'; database: Connection; eventId: string }
  | { verb: 'expire-holds' }
  | { verb: 'reap-claims' }
  | { verb: 'archive-again'; orderId: string };

/** A broken promise, as one reading saw it. */
export interface Finding {
  /** Which promise; names are stable. */
  invariant: string;
  /** One of the keys that were examined: a second reading asks by it. */
  key: string;
  /** What it concerns, the most telling first. */
  ids: string[];
  detail: string;
  /** What the repair would do, or what a person should. */
  repair: string;
  fix?: Fix;
  /** Work in line: while the line moves, nothing in it is a breach. */
  queue?: string;
}

export interface Page {
  keys: string[];
  /** How many were looked at to find these keys, where that is more. */
  looked?: number;
  /** Where the next page begins; null after the last. */
  next: string | null;
}

/** One thing that is looked at, by pages of keys. Both readings examine alike: the second only what the first suspected. */
export interface Check {
  readonly name: string;
  readonly needs: readonly Store[];
  page(after: string | null, scope: Scope): Promise<Page>;
  examine(keys: readonly string[], scope: Scope): Promise<Finding[]>;
}

export interface Breach extends Omit<Finding, 'key' | 'queue' | 'fix'> {
  fix: Fix | null;
}

export interface Report {
  checkedAt: Date;
  breaches: Breach[];
  /** Checks that could not be made, or not to their end. */
  skipped: { check: string; because: string }[];
  /** By check, how much of its kind was looked at: an empty list of breaches is not an empty look. */
  checked: Record<string, number>;
}

/** How many keys are read and examined at a time. */
export const PAGE = 1_000;

/** The page of these keys; full ones are followed by another. */
export function pageOf(keys: string[], size: number = PAGE): Page {
  return { keys, next: keys.length < size ? null : (keys.at(-1) ?? null) };
}
