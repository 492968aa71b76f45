import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import type { ReceivedEvent } from '../messaging/kafka/received-event';
import { FanOutService } from './fan-out.service';

/** Tells those outside who asked for it. */
@EventConsumer()
export class WebhooksConsumer {
  constructor(private readonly fanOut: FanOutService) {}

  @OnTopic(TOPICS.orders, GROUPS.webhooks)
  onOrderEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    return this.fanOut.take(events);
  }

  @OnTopic(TOPICS.payments, GROUPS.webhooks)
  onPaymentEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    return this.fanOut.take(events);
  }

  @OnTopic(TOPICS.inventory, GROUPS.webhooks)
  onInventoryEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    return this.fanOut.take(events);
  }
}
