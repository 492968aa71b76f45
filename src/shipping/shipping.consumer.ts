import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { consecutive, type ReceivedEvent } from '../messaging/kafka/received-event';
import { ShippingService } from './shipping.service';

function concernsShipping({ type }: ReceivedEvent): boolean {
  return type === 'order.confirmed' || type === 'order.cancelled';
}

/** Prepares the shipment of a paid order, and calls it off when the order is cancelled. */
@EventConsumer()
export class ShippingConsumer {
  constructor(private readonly shipping: ShippingService) {}

  @OnTopic(TOPICS.orders, GROUPS.shipping)
  async onOrderEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    for (const { kind, events: alike } of consecutive(events.filter(concernsShipping), ({ type }) => type)) {
      const outcomes = alike.map((event) => ({ id: event.id, orderId: event.subject, cause: event }));
      if (kind === 'order.confirmed') await this.shipping.prepare(outcomes);
      else for (const outcome of outcomes) await this.shipping.callOff(outcome);
    }
  }
}
