import { StateMachine } from '../common/state-machine';

export const DEAD_LETTER_STATUSES = ['open', 'redriving', 'redriven', 'discarded'] as const;
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number];

/** A redriven event that fails again is a dead letter of its own. */
export const DEAD_LETTER = new StateMachine<DeadLetterStatus>('dead letter', DEAD_LETTER_STATUSES, {
  open: ['redriving', 'discarded'],
  redriving: ['redriven'],
  redriven: [],
  discarded: [],
});

/** Every state on the way from here, this one included: what was asked for before has come so far. */
export function leadsTo(from: DeadLetterStatus, to: DeadLetterStatus): boolean {
  return from === to || DEAD_LETTER.successorsOf(from).some((next) => leadsTo(next, to));
}
