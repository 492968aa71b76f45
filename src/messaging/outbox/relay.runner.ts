import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { CONNECTIONS, databaseUrl } from '../../database/connections';
import { Settings } from '../../settings/settings';
import { BackgroundWork } from '../background-work';
import { FreshProducer } from '../kafka/fresh.producer';
import { OutboxMetrics } from './outbox.metrics';
import { OutboxRelay } from './outbox.relay';

const MEASURE_EVERY_MS = 5_000;

/** Runs the three relays of a background worker; across servers, one of each database works at a time. */
@Injectable()
export class RelayRunner implements BeforeApplicationShutdown {
  private readonly logger = new Logger('OutboxRelay');
  private readonly relays: OutboxRelay[];
  private readonly measuring: BackgroundWork;

  constructor(settings: Settings, metrics: OutboxMetrics) {
    this.relays = CONNECTIONS.map(
      (connection) =>
        new OutboxRelay(
          connection,
          databaseUrl(connection, settings),
          new FreshProducer(settings),
          settings.publicUrl,
          this.logger,
          (events) => metrics.publishedSome(connection, events),
        ),
    );
    this.measuring = new BackgroundWork({
      name: 'measure-outbox',
      everyMs: MEASURE_EVERY_MS,
      run: () => metrics.measure(),
    });
  }

  /** Kafka may be down for hours: events wait in the outbox. */
  start(): void {
    for (const relay of this.relays) relay.start();
    this.measuring.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.measuring.stop(), ...this.relays.map((relay) => relay.stop())]);
  }
}
