import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { documentOf } from './timeline.mapper';

const money = { amount: '5.00', currency: 'USD' };
const orderId = randomUUID();
const userId = randomUUID();

function envelope() {
  return {
    ...{ specversion: '1.0' as const, id: randomUUID(), source: '/shop/orders', subject: orderId, orderid: orderId },
    ...{ time: '2026-01-31T12:00:00.000Z', datacontenttype: 'application/json' as const, dataschema: 'v1' },
    ...{ sequence: '1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
  };
}

describe('what a timeline keeps of an event of before, which has words of staff,', () => {
  it('is why an order was cancelled, and not what they noted', () => {
    const said = { number: 'TP-1', userId, checkoutId: randomUUID(), paymentId: randomUUID(), total: money, items: [] };
    const data = { ...said, reason: 'staff' as const, previousStatus: 'confirmed' };
    const event = { ...envelope(), type: 'order.cancelled' as const, data: { ...data, note: 'she moved' } };
    expect(documentOf(event, orderId, new Date()).detail).toEqual(data);
  });

  it('is what was refunded, and not why', () => {
    const data = {
      userId,
      provider: 'sandbox',
      amount: money,
      refundId: randomUUID(),
      refunded: money,
      refundedTotal: money,
    };
    const event = { ...envelope(), type: 'payment.refunded' as const, data: { ...data, reason: 'she moved' } };
    expect(documentOf(event, orderId, new Date()).detail).toEqual(data);
  });
});
