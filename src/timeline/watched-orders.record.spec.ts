import type { RecordedEvent } from './step.types';
import { WatchedOrder } from './watched-orders.record';

const usd = (amount: string) => ({ amount, currency: 'USD' });

function event(type: string, detail: object = {}): RecordedEvent {
  return {
    ...{ orderId: 'an order', id: type, type, topic: 'order-events', subject: 'an order', sequence: '1' },
    ...{ causedBy: null, traceId: null, detail: { ...detail }, at: new Date(), publishedAt: null },
  };
}

const refunded = (total: string) => event('payment.refunded', { amount: usd('20.00'), refundedTotal: usd(total) });

describe('an order that is watched', () => {
  it.each<[boolean, string, RecordedEvent[]]>([
    [true, 'when it is delivered', [event('order.delivered')]],
    [false, 'while its money is to be given back', [event('order.cancelled')]],
    [false, 'when a part of it was before', [refunded('5.00'), event('order.cancelled')]],
    [true, 'when all of it was', [event('order.cancelled'), refunded('20.00')]],
    [true, 'when it was never taken', [event('payment.failed'), event('order.cancelled')]],
    [false, 'by its refund alone', [refunded('20.00')]],
  ])('is over (%s) %s', (over, _, events) => {
    const order = new WatchedOrder('an order');
    order.learn('orders', events);
    expect(order.isOver).toBe(over);
  });
});
