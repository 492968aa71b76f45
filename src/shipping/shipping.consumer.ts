import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { receive } from '../messaging/kafka/received-event';
import { ShippingService } from './shipping.service';

/** Prepares the shipment of a paid order, and calls it off when the order is cancelled. */
@EventConsumer()
export class ShippingConsumer {
  constructor(private readonly shipping: ShippingService) {}

  @OnTopic(TOPICS.orders, GROUPS.shipping)
  async onOrderEvent(@Payload() message: unknown): Promise<void> {
    const event = receive(message);
    switch (event?.type) {
      case 'order.confirmed':
        return this.shipping.prepare({ id: event.id, orderId: event.subject });
      case 'order.cancelled':
        return this.shipping.callOff({ id: event.id, orderId: event.subject });
      default:
        return undefined;
    }
  }
}
