import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Connection } from '../../database/connections';
import { inTransaction } from '../../database/sql';
import { OutboxRepository } from './outbox.repository';
import { OUTBOX_CHANNEL } from './outbox.service';

/** Each statement stays well within its time limit. */
const BATCH = 5_000;

/** Publishes again what Kafka lost with its disk. Groups that had it drop it by their inboxes. */
@Injectable()
export class RepublishService {
  private readonly sources: Record<Connection, DataSource>;
  private readonly repository = new OutboxRepository();

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
  ) {
    this.sources = { users, products, orders };
  }

  /**
   * Marks every event of one database that was published since then as unpublished, and says how many. One transaction:
   * the relay must see all of them at once, or it would publish a late event of an aggregate before an earlier one.
   */
  async republish(connection: Connection, since: Date): Promise<number> {
    return inTransaction(this.sources[connection], async (tx) => {
      // What the relay publishes meanwhile is in Kafka: without this bound the two would go round for ever.
      const until = await this.repository.now(tx);
      let events = 0;
      for (;;) {
        const batch = await this.repository.unpublish(tx, since, until, BATCH);
        events += batch;
        if (batch < BATCH) break;
      }
      await this.repository.notify(tx, OUTBOX_CHANNEL);
      return events;
    });
  }

  /** The same for single events that a group never came to know; says how many had been published. */
  async again(connection: Connection, eventIds: readonly string[]): Promise<number> {
    return inTransaction(this.sources[connection], async (tx) => {
      const events = await this.repository.unpublishEvents(tx, eventIds);
      await this.repository.notify(tx, OUTBOX_CHANNEL);
      return events;
    });
  }
}
