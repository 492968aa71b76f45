import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { receive } from '../messaging/kafka/received-event';
import { ChargeWorker } from './charge.worker';
import { PaymentsService } from './payments.service';
import { RefundService } from './refund.service';

/** Wakes the charge worker, and gives back the money of cancelled orders. */
@EventConsumer()
export class PaymentsConsumer {
  constructor(
    private readonly charges: ChargeWorker,
    private readonly payments: PaymentsService,
    private readonly refunds: RefundService,
  ) {}

  @OnTopic(TOPICS.payments, GROUPS.payments)
  onPaymentEvent(@Payload() message: unknown): void {
    if (receive(message)?.type === 'payment.initiated') this.charges.wake();
  }

  @OnTopic(TOPICS.orders, GROUPS.payments)
  async onOrderEvent(@Payload() message: unknown): Promise<void> {
    const event = receive(message);
    if (event?.type !== 'order.cancelled') return;
    await this.payments.undo({ id: event.id, orderId: event.subject });
    this.refunds.work.wake();
  }
}
