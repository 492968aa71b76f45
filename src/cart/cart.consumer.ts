import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import type { ReceivedEvent } from '../messaging/kafka/received-event';
import { CartService } from './cart.service';

/** Repeats what placing an order does to the cart, for orders whose server died before it came to that. */
@EventConsumer()
export class CartConsumer {
  constructor(private readonly carts: CartService) {}

  @OnTopic(TOPICS.orders, GROUPS.cart)
  async onOrderEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    const created = events.filter((event) => event.type === 'order.created');
    await this.carts.removeAllOrdered(
      created.map(({ data: { checkoutId, userId, items } }) => ({ checkoutId, userId, items })),
    );
  }
}
