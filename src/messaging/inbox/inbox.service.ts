import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../../database/sql';

/** Makes a consumer's effect happen once: the claim and the effect are one transaction. */
@Injectable()
export class Inbox {
  constructor(@InjectMetric('inbox_duplicates_total') private readonly duplicates: Counter<'group'>) {}

  /** False when this group has dealt with the event before: then do nothing. */
  async claim(tx: EntityManager, group: string, eventId: string): Promise<boolean> {
    return (await this.claimAll(tx, group, [{ id: eventId }])).length > 0;
  }

  /** The same for many: those this group has not dealt with before, each once, in their order. */
  async claimAll<T extends { id: string }>(tx: EntityManager, group: string, events: readonly T[]): Promise<T[]> {
    if (events.length === 0) return [];
    // In one order everywhere: two that claim the same events wait for each other's rows, never in a ring.
    const claimed = await sql<{ event_id: string }>(
      tx,
      `INSERT INTO inbox (listener_group, event_id)
       SELECT $1, event_id FROM unnest($2::uuid[]) AS event_id ORDER BY event_id
       ON CONFLICT (listener_group, event_id) DO NOTHING
       RETURNING event_id`,
      [group, events.map((event) => event.id)],
    );
    const fresh = new Set(claimed.map((row) => row.event_id));
    const first = events.filter((event) => fresh.delete(event.id));
    if (first.length < events.length) this.duplicates.inc({ group }, events.length - first.length);
    return first;
  }

  /** Which of these a group has dealt with, by inbox_pkey. */
  async known(executor: Executor, group: string, eventIds: readonly string[]): Promise<Set<string>> {
    const rows = await sql<{ event_id: string }>(
      executor,
      `SELECT event_id FROM inbox WHERE listener_group = $1 AND event_id = ANY($2::uuid[])`,
      [group, eventIds],
    );
    return new Set(rows.map((row) => row.event_id));
  }
}
