import { StateMachine } from '../common/state-machine';

export const CHECKOUT_STATUSES = ['held', 'claimed', 'expired', 'released'] as const;
export type CheckoutStatus = (typeof CHECKOUT_STATUSES)[number];

/** What becomes of the stock of a claimed one is told by its reservations; it is released only if it never was placed. */
export const CHECKOUT = new StateMachine<CheckoutStatus>('checkout', CHECKOUT_STATUSES, {
  held: ['claimed', 'expired', 'released'],
  claimed: ['released'],
  expired: [],
  released: [],
});
