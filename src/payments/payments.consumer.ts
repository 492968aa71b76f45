import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { becauseOf, type ReceivedEvent } from '../messaging/kafka/received-event';
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
  onPaymentEvents(@Payload() events: readonly ReceivedEvent[]): void {
    if (events.some((event) => event.type === 'payment.initiated')) this.charges.wake();
  }

  @OnTopic(TOPICS.orders, GROUPS.payments)
  async onOrderEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    const cancelled = events.filter((event) => event.type === 'order.cancelled');
    // Few, and each may have to ask the archive first.
    for (const event of cancelled) {
      await becauseOf(event, () => this.payments.undo({ id: event.id, orderId: event.subject }));
    }
    if (cancelled.length > 0) this.refunds.work.wake();
  }
}
