import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { receive } from '../messaging/kafka/received-event';
import { AnalyticsService } from './analytics.service';

/** Keeps the numbers of orders and payments. */
@EventConsumer()
export class AnalyticsConsumer {
  constructor(private readonly analytics: AnalyticsService) {}

  @OnTopic(TOPICS.orders, GROUPS.analytics)
  async onOrderEvent(@Payload() message: unknown): Promise<void> {
    const event = receive(message);
    if (!event || !('total' in event.data)) return;
    const { id: eventId, type, time, subject: orderId } = event;
    await this.analytics.record({ eventId, type, time, orderId, userId: event.data.userId, money: event.data.total });
  }

  @OnTopic(TOPICS.payments, GROUPS.analytics)
  async onPaymentEvent(@Payload() message: unknown): Promise<void> {
    const event = receive(message);
    if (!event || !('amount' in event.data)) return;
    const { id: eventId, type, time, orderid: orderId = '' } = event;
    const money = 'refunded' in event.data ? event.data.refunded : event.data.amount;
    await this.analytics.record({ eventId, type, time, orderId, userId: event.data.userId, money });
  }
}
