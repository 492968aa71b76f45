import type { ReservationStatus } from './reservation.repository';

/** What a hold may become; anything else changes nothing. */
export const RESERVATION_TRANSITIONS: Readonly<Record<ReservationStatus, readonly ReservationStatus[]>> = {
  held: ['claimed', 'expired', 'released'],
  claimed: ['committed', 'released'],
  committed: ['restocked'],
  expired: [],
  released: [],
  restocked: [],
};

export function mayBecome(from: ReservationStatus, to: ReservationStatus): boolean {
  return RESERVATION_TRANSITIONS[from].includes(to);
}
