const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Pauses after the first try, the second, …: those Standard Webhooks suggests, a little over three days in all. */
export const RETRY_AFTER_SECONDS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** A tenth less or more: what failed together does not come again together. */
const JITTER = 0.1;

/** An endpoint that has not taken anything for so long is sent no more. */
export const PATIENCE_DAYS = 3;

/** Seconds until the next try after this many; null when that was the last. */
export function pauseAfter(tries: number, random: () => number = Math.random): number | null {
  const pause = RETRY_AFTER_SECONDS[tries - 1];
  return pause === undefined ? null : pause * (1 - JITTER + 2 * JITTER * random());
}
