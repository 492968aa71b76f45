import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, type Executor } from '../database/sql';

export interface ProviderEvent {
  provider: string;
  id: string;
  type: string;
  /** As it was sent. */
  payload: string;
}

/** Table: provider_events, for ever; reads payments. */
@Injectable()
export class ProviderEventsRepository {
  /** False when this message was stored before. It is applied by the transaction that stores it. */
  async store(tx: EntityManager, event: ProviderEvent): Promise<boolean> {
    const rows = await sql(
      tx,
      `INSERT INTO provider_events (provider, event_id, type, payload, applied_at)
       VALUES ($1, $2, $3, $4, shop_now())
       ON CONFLICT (provider, event_id) DO NOTHING
       RETURNING event_id`,
      [event.provider, event.id, event.type, event.payload],
    );
    return rows.length > 0;
  }

  /**
   * Stores a message of a success that its payment knows of: it keeps the charge's id since then, and none of its later
   * states goes back, so nothing is locked.
   * False when nothing was stored: the payment does not know yet, or this message is there already.
   */
  async storeKnown(
    executor: Executor,
    event: ProviderEvent,
    charge: { id: string; idempotencyKey: string },
  ): Promise<boolean> {
    const rows = await sql(
      executor,
      `INSERT INTO provider_events (provider, event_id, type, payload, applied_at)
       SELECT $1::text, $2::text, $3::text, $4::json, shop_now()
       FROM payments
       WHERE id = $5 AND charge_id = $6
       ON CONFLICT (provider, event_id) DO NOTHING
       RETURNING event_id`,
      [event.provider, event.id, event.type, event.payload, charge.idempotencyKey, charge.id],
    );
    return rows.length > 0;
  }
}
