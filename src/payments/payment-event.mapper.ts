import { MoneyDto } from '../common/money.dto';
import type { NewEvent } from '../events/envelope';
import type { PaymentRecord } from './payments.repository';

export function about(payment: PaymentRecord): { subject: string; orderId: string } {
  return { subject: payment.id, orderId: payment.orderId };
}

/** What each payment event says of its payment. */
export function eventData(payment: PaymentRecord): { userId: string; provider: string; amount: MoneyDto } {
  const { userId, provider } = payment;
  return { userId, provider, amount: MoneyDto.of(payment.amount, payment.currency) };
}

export function toSucceeded(payment: PaymentRecord, chargeId: string): NewEvent {
  return { type: 'payment.succeeded', ...about(payment), data: { ...eventData(payment), chargeId } };
}
