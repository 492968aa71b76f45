/**
 * One consumer group a reacting room. Each has a transport id of its own: in a hybrid app Nest registers every handler
 * with every microservice that shares one, and each event would run once per group and handler.
 */
export interface ListenerGroup {
  readonly name: string;
  readonly transportId: symbol;
  /** Its handlers get each message's bytes, which may be no event at all; what fails in it is never a dead letter. */
  readonly raw?: boolean;
  /** How long it waits for more after a fetch with events in it; a moment, unless it says otherwise. */
  readonly gatherMs?: number;
}

function group(name: string, how: Pick<ListenerGroup, 'raw' | 'gatherMs'> = {}): ListenerGroup {
  return { name: `tradepost-${name}`, transportId: Symbol(name), ...how };
}

/** Of what an order leads to, somebody sees this, but nobody waits for it. */
const SOON_MS = 500;
/** Read later by people, or only there in case that another step failed. */
const LATER_MS = 1_000;

export const GROUPS = {
  payments: group('payments'),
  inventory: group('inventory', { gatherMs: SOON_MS }),
  shipping: group('shipping', { gatherMs: SOON_MS }),
  notifications: group('notifications', { gatherMs: SOON_MS }),
  catalogue: group('catalogue'),
  cart: group('cart', { gatherMs: LATER_MS }),
  history: group('history', { gatherMs: LATER_MS }),
  analytics: group('analytics', { gatherMs: LATER_MS }),
  webhooks: group('webhooks', { gatherMs: SOON_MS }),
  deadLetters: group('dead-letters', { raw: true }),
} as const;
