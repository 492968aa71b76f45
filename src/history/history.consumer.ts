import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { receive } from '../messaging/kafka/received-event';
import { TimelineService } from './timeline.service';

/** Writes every order's timeline. */
@EventConsumer()
export class HistoryConsumer {
  constructor(private readonly timeline: TimelineService) {}

  @OnTopic(TOPICS.orders, GROUPS.history)
  onOrderEvent(@Payload() message: unknown): Promise<void> {
    return this.record(message);
  }

  @OnTopic(TOPICS.payments, GROUPS.history)
  onPaymentEvent(@Payload() message: unknown): Promise<void> {
    return this.record(message);
  }

  @OnTopic(TOPICS.inventory, GROUPS.history)
  onInventoryEvent(@Payload() message: unknown): Promise<void> {
    return this.record(message);
  }

  @OnTopic(TOPICS.notifications, GROUPS.history)
  onNotificationEvent(@Payload() message: unknown): Promise<void> {
    return this.record(message);
  }

  private async record(message: unknown): Promise<void> {
    const event = receive(message);
    if (event) await this.timeline.record(event);
  }
}
