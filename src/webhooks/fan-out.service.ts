import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import type { DomainEvent } from '../events/envelope';
import { Inbox } from '../messaging/inbox/inbox.service';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { DeliveryWorker } from './delivery.worker';
import { EndpointsRepository, type Listening } from './endpoints.repository';
import { FanOutRepository } from './fan-out.repository';
import { publicEventOf, type PublicEvent } from './public-event.view';

/**
 * Well below LISTENS_AFTER_SECONDS: what an endpoint may expect happens later than any answer that did not know of it
 * yet is believed.
 */
const BELIEVED_FOR_MS = 2_000;

/** Makes deliveries of events. While nobody listens it costs a tiny query every two seconds in which events come. */
@Injectable()
export class FanOutService {
  private known: { listening: Listening; at: number } = {
    listening: { now: false, until: null },
    at: Number.NEGATIVE_INFINITY,
  };

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly endpoints: EndpointsRepository,
    private readonly deliveries: FanOutRepository,
    private readonly inbox: Inbox,
    private readonly worker: DeliveryWorker,
  ) {}

  /** Each event for each endpoint that listens to it, once, however often Kafka delivers it. */
  async take(events: readonly DomainEvent[]): Promise<void> {
    const ours = events.flatMap((event) => {
      const message = publicEventOf(event);
      return message === null ? [] : [{ id: event.id, message }];
    });
    if (ours.length === 0 || (await this.nobodyListens(ours))) return;
    const made = await inTransaction(this.database, async (tx) => {
      const fresh = await this.inbox.claimAll(tx, GROUPS.webhooks.name, ours);
      return fresh.length === 0 ? 0 : this.deliveries.insert(tx, fresh);
    });
    if (made > 0) this.worker.wake();
  }

  /** Nor did when these happened. */
  private async nobodyListens(events: readonly { message: PublicEvent }[]): Promise<boolean> {
    const asked = performance.now();
    if (asked - this.known.at >= BELIEVED_FOR_MS) {
      this.known = { listening: await this.endpoints.listening(this.database), at: asked };
    }
    const { now, until } = this.known.listening;
    return !now && (until === null || events.every(({ message }) => new Date(message.timestamp) >= until));
  }
}
