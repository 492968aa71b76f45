/** In this order: what the archive takes from the orders is gone before the archive is looked through. */
export const STEPS = ['account', 'checkouts', 'orders', 'payments', 'history', 'cache'] as const;
export type Step = (typeof STEPS)[number];

export interface LeasedErasure {
  userId: string;
  sessionIds: string[];
  /** Whatever began before the account's end is over. */
  settled: boolean;
  tries: number;
}

/** How a step ended this time. */
export interface StepReport {
  step: Step;
  /** What has to end before it is done for good. */
  waitsFor: string | null;
  error: string | null;
}
