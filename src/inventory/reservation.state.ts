import { StateMachine } from '../common/state-machine';

export const RESERVATION_STATUSES = ['held', 'claimed', 'expired', 'released', 'committed', 'restocked'] as const;
export type ReservationStatus = (typeof RESERVATION_STATUSES)[number];

/** All lines of a checkout move together. Only what is held runs out: what is claimed waits for its order's outcome. */
export const RESERVATION = new StateMachine<ReservationStatus>('reservation', RESERVATION_STATUSES, {
  held: ['claimed', 'expired', 'released'],
  claimed: ['committed', 'released'],
  committed: ['restocked'],
  expired: [],
  released: [],
  restocked: [],
});
