import { StateMachine } from '../common/state-machine';

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
 * A late success of a failed or voided one is taken, to be refunded at once: the money was moved, whatever we had
 * thought. A lease that ran out and is taken anew is no move.
 */
export const PAYMENT = new StateMachine<PaymentStatus>('payment', PAYMENT_STATUSES, {
  initiated: ['charging', 'voided'],
  charging: ['succeeded', 'failed', 'unknown'],
  unknown: ['charging', 'succeeded', 'failed'],
  voided: ['succeeded'],
  failed: ['succeeded'],
  succeeded: ['partially_refunded', 'refunded'],
  partially_refunded: ['partially_refunded', 'refunded'],
  refunded: [],
});
