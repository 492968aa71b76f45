import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Producer } from 'kafkajs';
import type { DataSource } from 'typeorm';
import { databaseUrl, type Connection } from '../../database/connections';
import { Settings } from '../../settings/settings';
import { createKafka, createProducer } from '../kafka/kafka.client';
import { OutboxRelay } from './outbox.relay';

const RECONNECT_MS = 2_000;

/** Runs the three relays of a background worker; across servers, one of each database works at a time. */
@Injectable()
export class RelayRunner implements BeforeApplicationShutdown {
  private readonly logger = new Logger('OutboxRelay');
  private readonly sources: Record<Connection, DataSource>;
  private relays: OutboxRelay[] = [];
  private producer: Producer | null = null;
  private stopped = false;

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    private readonly settings: Settings,
  ) {
    this.sources = { users, products, orders };
  }

  /** Connects in the background: Kafka may be down for hours, and events wait in the outbox. */
  start(): void {
    void this.connect();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.relays.map((relay) => relay.stop()));
    await this.producer?.disconnect();
  }

  private async connect(): Promise<void> {
    const producer = createProducer(createKafka(this.settings));
    while (!this.stopped) {
      try {
        await producer.connect();
        break;
      } catch (error) {
        this.logger.warn(`Kafka does not answer, events wait: ${String(error)}`);
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
    if (this.stopped) return producer.disconnect();
    this.producer = producer;
    const connections: Connection[] = ['users', 'products', 'orders'];
    this.relays = connections.map(
      (connection) =>
        new OutboxRelay(
          connection,
          this.sources[connection],
          databaseUrl(connection, this.settings),
          producer,
          this.settings.publicUrl,
          this.logger,
        ),
    );
    for (const relay of this.relays) relay.start();
  }
}
