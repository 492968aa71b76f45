import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { receive } from '../messaging/kafka/received-event';
import { ReservationService } from './reservation.service';

/** Settles reserved stock by the outcome of its order. */
@EventConsumer()
export class InventoryConsumer {
  constructor(private readonly reservations: ReservationService) {}

  @OnTopic(TOPICS.orders, GROUPS.inventory)
  async onOrderEvent(@Payload() message: unknown): Promise<void> {
    const event = receive(message);
    switch (event?.type) {
      case 'order.confirmed':
        return this.reservations.commit(this.outcome(event.id, event.subject, event.data.checkoutId));
      case 'order.cancelled':
        return this.reservations.undo(this.outcome(event.id, event.subject, event.data.checkoutId));
      default:
        return undefined;
    }
  }

  private outcome(eventId: string, orderId: string, checkoutId: string) {
    return { eventId, orderId, checkoutId };
  }
}
