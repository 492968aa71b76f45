import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { EntityManager } from 'typeorm';
import { sql } from '../../database/sql';

/** Makes a consumer's effect happen once: the claim and the effect are one transaction. */
@Injectable()
export class Inbox {
  constructor(@InjectMetric('inbox_duplicates_total') private readonly duplicates: Counter<'group'>) {}

  /** False when this group has dealt with the event before: then do nothing. */
  async claim(tx: EntityManager, group: string, eventId: string): Promise<boolean> {
    const claimed = await sql(
      tx,
      `INSERT INTO inbox (listener_group, event_id) VALUES ($1, $2)
       ON CONFLICT (listener_group, event_id) DO NOTHING
       RETURNING event_id`,
      [group, eventId],
    );
    if (claimed.length === 0) this.duplicates.inc({ group });
    return claimed.length > 0;
  }
}
