import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { currentTrace, newTraceparent } from '../../common/trace-context';
import { beforeCommit, sql, sqlLater } from '../../database/sql';
import { EVENTS } from '../../events/catalogue';
import type { NewEvent } from '../../events/envelope';
import { validateEventData } from '../../events/event.reader';

/** Channel that wakes the relay of a database; the payload is empty. */
export const OUTBOX_CHANNEL = 'outbox';

function toRow(event: NewEvent) {
  validateEventData(event.type, event.data);
  const definition = EVENTS[event.type];
  const key = definition.key === 'order' ? event.orderId : event.subject;
  if (key === null) throw new RangeError(`${event.type} needs an order id: it is the Kafka key`);
  const trace = currentTrace();
  return {
    event_id: event.id ?? uuidv7(),
    topic: definition.topic,
    key,
    type: event.type,
    subject: event.subject,
    order_id: event.orderId,
    causation_id: event.cause?.id ?? trace?.causationId ?? trace?.requestId ?? null,
    traceparent: event.cause?.traceparent ?? trace?.traceparent ?? newTraceparent(),
    schema_version: definition.version,
    data: event.data,
  };
}

/**
 * Writes events into the transaction of the change they tell of: both are kept or neither. The aggregate's row must be
 * locked by that transaction already, so that `position` rises with each event of a subject.
 */
@Injectable()
export class Outbox {
  private readonly waiting = new WeakMap<EntityManager, ReturnType<typeof toRow>[]>();

  /**
   * All events of a transaction are written by one statement at its end. The relay is woken where nothing waits: where
   * something does, it is awake, and looks again until nothing is left. Commits that notify take turns in PostgreSQL,
   * each with its flush to disk; under load few have to. What commits long after it looked, the relay's poll finds.
   */
  add(tx: EntityManager, ...events: NewEvent[]): string[] {
    const rows = events.map(toRow);
    const waiting = this.waiting.get(tx);
    if (waiting) {
      waiting.push(...rows);
    } else if (rows.length > 0) {
      this.waiting.set(tx, rows);
      beforeCommit(tx, () => this.insert(tx));
    }
    return rows.map((row) => row.event_id);
  }

  /**
   * A point of a transaction to go back to by what this gives: what was written since is undone, and nobody is told of
   * it. The name is a constant.
   */
  async savepoint(tx: EntityManager, name: string): Promise<() => Promise<void>> {
    const told = this.waiting.get(tx)?.length ?? 0;
    await sql(tx, `SAVEPOINT ${name}`);
    return async () => {
      await sql(tx, `ROLLBACK TO SAVEPOINT ${name}`);
      this.waiting.get(tx)?.splice(told);
    };
  }

  private insert(tx: EntityManager): void {
    sqlLater(
      tx,
      `WITH added AS (
         INSERT INTO outbox (event_id, topic, key, type, subject, order_id, causation_id, traceparent, schema_version,
           data)
         SELECT event_id, topic, key, type, subject, order_id, causation_id, traceparent, schema_version, data
         FROM json_to_recordset($1::json) AS event(
           event_id uuid, topic text, key text, type text, subject uuid, order_id uuid,
           causation_id text, traceparent text, schema_version smallint, data json)
         RETURNING position
       )
       SELECT pg_notify($2, '')
       FROM added
       WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE published_at IS NULL)
       LIMIT 1`,
      [JSON.stringify(this.waiting.get(tx) ?? []), OUTBOX_CHANNEL],
    );
  }
}
