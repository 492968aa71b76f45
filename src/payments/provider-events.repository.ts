import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql } from '../database/sql';

/** Table: provider_events, for ever. */
@Injectable()
export class ProviderEventsRepository {
  /** False when this message was stored before. It is applied by the transaction that stores it. */
  async store(tx: EntityManager, provider: string, eventId: string, type: string, payload: string): Promise<boolean> {
    const rows = await sql(
      tx,
      `INSERT INTO provider_events (provider, event_id, type, payload, applied_at)
       VALUES ($1, $2, $3, $4, shop_now())
       ON CONFLICT (provider, event_id) DO NOTHING
       RETURNING event_id`,
      [provider, eventId, type, payload],
    );
    return rows.length > 0;
  }
}
