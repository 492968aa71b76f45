import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import type { ReceivedEvent } from '../messaging/kafka/received-event';
import { AnalyticsService, type Sale } from './analytics.service';

function saleOf(event: ReceivedEvent): Sale[] {
  const { id: eventId, type, time, data } = event;
  if ('total' in data) return [{ eventId, type, time, orderId: event.subject, userId: data.userId, money: data.total }];
  if (!('amount' in data)) return [];
  const money = 'refunded' in data ? data.refunded : data.amount;
  return [{ eventId, type, time, orderId: event.orderid ?? '', userId: data.userId, money }];
}

/** Keeps the numbers of orders and payments. */
@EventConsumer()
export class AnalyticsConsumer {
  constructor(private readonly analytics: AnalyticsService) {}

  @OnTopic(TOPICS.orders, GROUPS.analytics)
  onOrderEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    return this.analytics.record(events.flatMap(saleOf));
  }

  @OnTopic(TOPICS.payments, GROUPS.analytics)
  onPaymentEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    return this.analytics.record(events.flatMap(saleOf));
  }
}
