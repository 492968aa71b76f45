/**
 * One consumer group a reacting room. Each has a transport id of its own: in a hybrid app Nest registers every handler
 * with every microservice that shares one, and each event would run once per group and handler.
 */
export interface ListenerGroup {
  readonly name: string;
  readonly transportId: symbol;
}

function group(name: string): ListenerGroup {
  return { name: `tradepost-${name}`, transportId: Symbol(name) };
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
} as const;
