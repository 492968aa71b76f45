import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql } from '../database/sql';
import type { PublicEvent } from './public-event.view';

/** Table: webhook_deliveries, as they come to be. */
@Injectable()
export class FanOutRepository {
  /**
   * A delivery for each of these events and each endpoint that listened to it when it happened; how many that were. Those
   * of an endpoint that was disabled meanwhile wait.
   */
  async insert(tx: EntityManager, events: readonly { id: string; message: PublicEvent }[]): Promise<number> {
    const rows = await sql(
      tx,
      `INSERT INTO webhook_deliveries (id, endpoint_id, event_id, event_type, payload)
       SELECT gen_random_uuid(), endpoint.id, event.id, event.type, event.payload
       FROM json_to_recordset($1::json) AS event(id uuid, type text, time timestamptz, payload json)
       JOIN webhook_endpoints endpoint
         ON (endpoint.disabled_at IS NULL
             OR (endpoint.disabled_reason <> 'deleted' AND event.time < endpoint.disabled_at))
        AND event.type = ANY (endpoint.event_types)
        AND endpoint.listens_from <= event.time
       ON CONFLICT (endpoint_id, event_id) DO NOTHING
       RETURNING id`,
      [
        JSON.stringify(
          events.map(({ id, message }) => ({ id, type: message.type, time: message.timestamp, payload: message })),
        ),
      ],
    );
    return rows.length;
  }

  /** One that staff asked for, whatever the endpoint listens to. */
  async insertOne(
    tx: EntityManager,
    delivery: { id: string; endpointId: string; eventId: string; message: PublicEvent },
  ): Promise<void> {
    await sql(
      tx,
      `INSERT INTO webhook_deliveries (id, endpoint_id, event_id, event_type, payload) VALUES ($1, $2, $3, $4, $5)`,
      [delivery.id, delivery.endpointId, delivery.eventId, delivery.message.type, JSON.stringify(delivery.message)],
    );
  }
}
