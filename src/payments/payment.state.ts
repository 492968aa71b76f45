export const PAYMENT_STATUSES = [
  'initiated',
  'voided',
  'charging',
  'succeeded',
  'failed',
  'unknown',
  'partially_refunded',
  'refunded',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/**
 * What a payment may become; anything else changes nothing. A late success of a failed or voided one is taken, to be
 * refunded at once: the money was moved, whatever we had thought.
 */
export const PAYMENT_TRANSITIONS: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  initiated: ['charging', 'voided'],
  charging: ['succeeded', 'failed', 'unknown'],
  unknown: ['charging', 'succeeded', 'failed'],
  voided: ['succeeded'],
  failed: ['succeeded'],
  succeeded: ['partially_refunded', 'refunded'],
  partially_refunded: ['partially_refunded', 'refunded'],
  refunded: [],
};

export function mayBecome(from: PaymentStatus, to: PaymentStatus): boolean {
  return PAYMENT_TRANSITIONS[from].includes(to);
}
