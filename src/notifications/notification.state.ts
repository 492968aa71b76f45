import { StateMachine } from '../common/state-machine';

export const NOTIFICATION_STATUSES = ['queued', 'sending', 'sent', 'dead', 'dropped'] as const;
export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number];

/** A lease that ran out and is taken anew is no move. Dropped is what is for somebody who is not there any more. */
export const NOTIFICATION = new StateMachine<NotificationStatus>('notification', NOTIFICATION_STATUSES, {
  queued: ['sending', 'dropped'],
  sending: ['sent', 'queued', 'dead', 'dropped'],
  sent: [],
  dead: [],
  dropped: [],
});
