import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import type { ReceivedEvent } from '../messaging/kafka/received-event';
import { NotificationsSender } from './notifications.sender';
import { NotificationsService, type News } from './notifications.service';

/** What customers are told of. */
function newsOf(event: ReceivedEvent): News[] {
  const { id, subject: orderId } = event;
  switch (event.type) {
    case 'order.confirmed':
      return [{ id, orderId, status: 'confirmed', order: event.data, cause: event }];
    case 'order.shipped':
      return [{ id, orderId, status: 'shipped', order: event.data, cause: event }];
    case 'order.delivered':
      return [{ id, orderId, status: 'delivered', order: event.data, cause: event }];
    case 'order.cancelled':
      return [{ id, orderId, status: 'cancelled', order: event.data, cause: event }];
    default:
      return [];
  }
}

/** Queues what customers are to be told, and wakes the sender for what is queued. */
@EventConsumer()
export class NotificationsConsumer {
  constructor(
    private readonly notifications: NotificationsService,
    private readonly sender: NotificationsSender,
  ) {}

  @OnTopic(TOPICS.orders, GROUPS.notifications)
  async onOrderEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    await this.notifications.tell(events.flatMap(newsOf));
  }

  @OnTopic(TOPICS.notifications, GROUPS.notifications)
  onNotificationEvents(): void {
    this.sender.work.wake();
  }
}
