import { StateMachine } from '../common/state-machine';

export const REFUND_STATUSES = ['requested', 'sending', 'succeeded', 'failed'] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];

/** A failed one is a case for people. A lease that ran out and is taken anew is no move. */
export const REFUND = new StateMachine<RefundStatus>('refund', REFUND_STATUSES, {
  requested: ['sending'],
  sending: ['succeeded', 'failed'],
  succeeded: [],
  failed: [],
});
