import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Connection } from '../../database/connections';
import { inTransaction, sql } from '../../database/sql';
import { OUTBOX_CHANNEL } from './outbox.service';

/** Publishes single events again that a group never came to know. Groups that had them drop them by their inboxes. */
@Injectable()
export class RepublishEvents {
  private readonly sources: Record<Connection, DataSource>;

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
  ) {
    this.sources = { users, products, orders };
  }

  /** Marks these events as unpublished and wakes the relay; says how many had been published. */
  async again(connection: Connection, eventIds: readonly string[]): Promise<number> {
    return inTransaction(this.sources[connection], async (tx) => {
      const rows = await sql(
        tx,
        `UPDATE outbox
         SET published_at = NULL
         WHERE event_id = ANY($1::uuid[]) AND published_at IS NOT NULL
         RETURNING position`,
        [eventIds],
      );
      if (rows.length > 0) await sql(tx, `SELECT pg_notify($1, '')`, [OUTBOX_CHANNEL]);
      return rows.length;
    });
  }
}
