/**
 * One consumer group a reacting room. Each has a transport id of its own: in a hybrid app Nest registers every handler
 * with every microservice that shares one, and each event would run once per group and handler.
 */
export interface ListenerGroup {
  readonly name: string;
  readonly transportId: symbol;
  /** Its handlers get each message's bytes, which may be no event at all; what fails in it is never a dead letter. */
  readonly raw?: boolean;
}

function group(name: string, raw = false): ListenerGroup {
  return { name: `tradepost-${name}`, transportId: Symbol(name), raw };
}

export const GROUPS = {
  payments: group('payments'),
  inventory: group('inventory'),
  shipping: group('shipping'),
  notifications: group('notifications'),
  catalogue: group('catalogue'),
  cart: group('cart'),
  history: group('history'),
  analytics: group('analytics'),
  webhooks: group('webhooks'),
  deadLetters: group('dead-letters', true),
} as const;
