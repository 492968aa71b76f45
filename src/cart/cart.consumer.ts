import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { receive } from '../messaging/kafka/received-event';
import { CartService } from './cart.service';

/** Repeats what placing an order does to the cart, for orders whose server died before it came to that. */
@EventConsumer()
export class CartConsumer {
  constructor(private readonly carts: CartService) {}

  @OnTopic(TOPICS.orders, GROUPS.cart)
  async onOrderEvent(@Payload() message: unknown): Promise<void> {
    const event = receive(message);
    if (event?.type !== 'order.created') return;
    const { checkoutId, userId, items } = event.data;
    await this.carts.removeOrdered({ checkoutId, userId, items });
  }
}
