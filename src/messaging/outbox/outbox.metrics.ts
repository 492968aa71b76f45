import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { CONNECTIONS, type Connection } from '../../database/connections';
import { OutboxRepository } from './outbox.repository';

/**
 * How far events are behind. Measured by background workers only, on their clock: a server adds up the gauges of its
 * workers, and a scrape must not wait for a database that is down. Servers see the same tables: take the maximum.
 */
@Injectable()
export class OutboxMetrics {
  private readonly sources: Record<Connection, DataSource>;
  private readonly repository = new OutboxRepository();

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    @InjectMetric('outbox_published_total') private readonly published: Counter<'database'>,
    @InjectMetric('outbox_unpublished_events') private readonly unpublished: Gauge<'database'>,
    @InjectMetric('outbox_oldest_unpublished_seconds') private readonly oldest: Gauge<'database'>,
  ) {
    this.sources = { users, products, orders };
  }

  publishedSome(database: Connection, events: number): void {
    this.published.inc({ database }, events);
  }

  async measure(): Promise<void> {
    await Promise.all(CONNECTIONS.map((database) => this.measureOne(database)));
  }

  /** Of a database that does not answer nothing is known: no number is better than an old one. */
  private async measureOne(database: Connection): Promise<void> {
    try {
      const backlog = await this.repository.backlog(this.sources[database]);
      this.unpublished.set({ database }, backlog.events);
      this.oldest.set({ database }, backlog.oldestSeconds);
    } catch {
      this.unpublished.remove({ database });
      this.oldest.remove({ database });
    }
  }
}
