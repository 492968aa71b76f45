import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import type { ReceivedEvent } from '../messaging/kafka/received-event';
import { TimelineService } from './timeline.service';

/** Writes every order's timeline. */
@EventConsumer()
export class HistoryConsumer {
  constructor(private readonly timeline: TimelineService) {}

  @OnTopic(TOPICS.orders, GROUPS.history)
  onOrderEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    return this.timeline.record(events);
  }

  @OnTopic(TOPICS.payments, GROUPS.history)
  onPaymentEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    return this.timeline.record(events);
  }

  @OnTopic(TOPICS.inventory, GROUPS.history)
  onInventoryEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    return this.timeline.record(events);
  }

  @OnTopic(TOPICS.notifications, GROUPS.history)
  onNotificationEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    return this.timeline.record(events);
  }
}
