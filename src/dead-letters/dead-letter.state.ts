export const DEAD_LETTER_STATUSES = ['open', 'redriving', 'redriven', 'discarded'] as const;
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number];

/**
 * What a dead letter may become; anything else changes nothing. A redriven event that fails again is a dead letter of
 * its own.
 */
export const DEAD_LETTER_TRANSITIONS: Readonly<Record<DeadLetterStatus, readonly DeadLetterStatus[]>> = {
  open: ['redriving', 'discarded'],
  redriving: ['redriven'],
  redriven: [],
  discarded: [],
};

export function mayBecome(from: DeadLetterStatus, to: DeadLetterStatus): boolean {
  return DEAD_LETTER_TRANSITIONS[from].includes(to);
}

/** Every state on the way from here, this one included: what was asked for before has come so far. */
export function leadsTo(from: DeadLetterStatus, to: DeadLetterStatus): boolean {
  return from === to || DEAD_LETTER_TRANSITIONS[from].some((next) => leadsTo(next, to));
}
