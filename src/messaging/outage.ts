import type { Logger } from '@nestjs/common';

const FIRST_PAUSE_MS = 500;
/** Also how long a part that is back may go unnoticed. */
const LONGEST_PAUSE_MS = 5_000;
const TELL_EVERY_MS = 60_000;

/** How a loop goes on while its work fails, for hours if need be: pauses grow to a bound, one log line a minute tells. */
export class Outage {
  private failures = 0;
  private beganAt = 0;
  private toldAt = -Infinity;

  constructor(
    private readonly logger: Pick<Logger, 'log' | 'warn'>,
    private readonly what: string,
  ) {}

  /** Counts a failure and gives the pause before the next try, in milliseconds. */
  failed(error: unknown): number {
    const now = Date.now();
    if (this.failures === 0) this.beganAt = now;
    this.failures += 1;
    if (now - this.toldAt >= TELL_EVERY_MS) {
      this.toldAt = now;
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(`${this.what} waits (failure ${this.failures}, ${this.seconds(now)} s): ${reason}`);
    }
    return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.failures - 1, 10));
  }

  over(): void {
    if (this.failures === 0) return;
    // A failure that comes back with every other try is still told of once a minute.
    if (this.failures > 1) this.logger.log(`${this.what} goes on after ${this.seconds(Date.now())} s`);
    this.failures = 0;
  }

  private seconds(now: number): number {
    return Math.round((now - this.beganAt) / 1000);
  }
}
