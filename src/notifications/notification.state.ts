import { StateMachine } from '../common/state-machine';

export const NOTIFICATION_STATUSES = ['queued', 'sending', 'sent', 'dead'] as const;
export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number];

/** A lease that ran out and is taken anew is no move. */
export const NOTIFICATION = new StateMachine<NotificationStatus>('notification', NOTIFICATION_STATUSES, {
  queued: ['sending'],
  sending: ['sent', 'queued', 'dead'],
  sent: [],
  dead: [],
});
