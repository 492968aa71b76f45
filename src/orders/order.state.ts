import { StateMachine } from '../common/state-machine';

export const ORDER_STATUSES = ['pending', 'confirmed', 'processing', 'shipped', 'delivered', 'cancelled'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Refunded is a state of the payment. Delivered and cancelled orders change no more: they are archived after a while. */
export const ORDER = new StateMachine<OrderStatus>('order', ORDER_STATUSES, {
  pending: ['confirmed', 'cancelled'],
  confirmed: ['processing', 'shipped', 'cancelled'],
  processing: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
});
