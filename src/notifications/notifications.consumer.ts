import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { receive } from '../messaging/kafka/received-event';
import { NotificationsSender } from './notifications.sender';
import { NotificationsService } from './notifications.service';

/** Queues what customers are to be told, and wakes the sender for what is queued. */
@EventConsumer()
export class NotificationsConsumer {
  constructor(
    private readonly notifications: NotificationsService,
    private readonly sender: NotificationsSender,
  ) {}

  @OnTopic(TOPICS.orders, GROUPS.notifications)
  async onOrderEvent(@Payload() message: unknown): Promise<void> {
    const event = receive(message);
    if (!event) return;
    const cause = { id: event.id, orderId: event.subject };
    switch (event.type) {
      case 'order.confirmed':
        return this.notifications.tell(cause, 'confirmed', event.data);
      case 'order.shipped':
        return this.notifications.tell(cause, 'shipped', event.data);
      case 'order.delivered':
        return this.notifications.tell(cause, 'delivered', event.data);
      case 'order.cancelled':
        return this.notifications.tell(cause, 'cancelled', event.data);
      default:
        return undefined;
    }
  }

  @OnTopic(TOPICS.notifications, GROUPS.notifications)
  onNotificationEvent(@Payload() message: unknown): void {
    if (receive(message)) this.sender.work.wake();
  }
}
