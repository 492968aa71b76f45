import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { becauseOf, consecutive, type ReceivedEvent } from '../messaging/kafka/received-event';
import { ReservationService } from './reservation.service';

function outcomeOf(event: ReceivedEvent) {
  if (event.type !== 'order.confirmed' && event.type !== 'order.cancelled') return [];
  const { id, type, subject: orderId, data } = event;
  return [{ id, type, orderId, checkoutId: data.checkoutId, cause: event }];
}

/** Settles reserved stock by the outcome of its order. */
@EventConsumer()
export class InventoryConsumer {
  constructor(private readonly reservations: ReservationService) {}

  @OnTopic(TOPICS.orders, GROUPS.inventory)
  async onOrderEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    for (const { kind, events: alike } of consecutive(events.flatMap(outcomeOf), ({ type }) => type)) {
      if (kind === 'order.confirmed') await this.reservations.commit(alike);
      else for (const outcome of alike) await becauseOf(outcome.cause, () => this.reservations.undo(outcome));
    }
  }
}
