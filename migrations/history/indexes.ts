import type { Db } from 'mongodb';

const LOGS_KEPT_SECONDS = 30 * 24 * 60 * 60;

/** Collections and indexes of MongoDB; creating what is there changes nothing. */
export async function createHistoryIndexes(db: Db): Promise<void> {
  const history = db.collection('order_history');
  // One document an order: the archive job may run twice.
  await history.createIndex({ order_id: 1 }, { unique: true, name: 'order_id_unique' });
  // A customer's list, newest first.
  await history.createIndex({ user_id: 1, created_at: -1, order_id: -1 }, { name: 'user_newest_first' });
  // The admin's list.
  await history.createIndex({ created_at: -1, order_id: -1 }, { name: 'newest_first' });
  // An order's timeline, oldest first.
  await db.collection('order_timeline').createIndex({ order_id: 1, at: 1 }, { name: 'order_oldest_first' });
  // Log lines expire by themselves.
  await db.collection('logs').createIndex({ at: 1 }, { name: 'expires', expireAfterSeconds: LOGS_KEPT_SECONDS });
  // Reports by kind and time.
  await db.collection('analytics').createIndex({ type: 1, at: 1 }, { name: 'type_by_time' });
  // What one person's orders came to, for an export.
  await db.collection('analytics').createIndex({ user_id: 1, at: 1, _id: 1 }, { name: 'user_by_time' });
}

/** Takes the indexes away; the documents stay. */
export async function dropHistoryIndexes(db: Db): Promise<void> {
  const names: [string, string[]][] = [
    ['order_history', ['order_id_unique', 'user_newest_first', 'newest_first']],
    ['order_timeline', ['order_oldest_first']],
    ['analytics', ['type_by_time', 'user_by_time']],
    ['logs', ['expires']],
  ];
  for (const [collection, indexes] of names) {
    for (const index of indexes) await db.collection(collection).dropIndex(index);
  }
}
