/** The seed's four topics; each has three partitions, keeps seven days, and a dead-letter topic beside it. */
export const TOPICS = {
  orders: 'order-events',
  payments: 'payment-events',
  inventory: 'inventory-events',
  notifications: 'notification-events',
} as const;

export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

export const PARTITIONS = 3;
export const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

export function deadLetterTopic(topic: Topic): string {
  return `${topic}.dlq`;
}
