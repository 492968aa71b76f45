import type { SignedInUser } from '../http/access.decorators';
import { TimelineItemDto } from './dto/timeline.dto';
import type { SentSteps } from './sent-steps.record';
import { ServerSentEvents } from './server-sent-events.stream';
import type { Audience, Step } from './step.types';

const RETRY_MS = 2_000;
const BEAT_EVERY_MS = 15_000;
/** Rather often, so that a sign-out is noticed soon: it leaves a mark in the cache. */
const CHECK_EVERY_MS = 10_000;
/** Every third check asks the row itself. */
const FRESH_CHECK = 3;
const UNCHECKED_AT_MOST_MS = 60_000;
/** What follows the end of an order, mail above all, has come by then. */
const QUIET_MS = 5_000;

/** One customer or member of staff who watches one order. All times are milliseconds of the app's clock. */
export class OpenStream {
  readonly output = new ServerSentEvents(RETRY_MS);
  private toldAt: number;
  private checkedAt: number;
  private confirmedAt: number;
  private checks = 0;
  private over = false;

  constructor(
    readonly orderId: string,
    readonly user: SignedInUser,
    readonly audience: Audience,
    private readonly sent: SentSteps,
    private readonly openedAt: number,
    /** When the order last had news. */
    private newsAt: number,
  ) {
    this.toldAt = openedAt;
    this.checkedAt = openedAt;
    this.confirmedAt = openedAt;
  }

  /** Sends those of the steps that this reader does not have yet; tells how many. */
  tell(steps: readonly Step[], now: number): number {
    let news = 0;
    for (const step of steps) {
      if (!this.sent.add(step)) continue;
      news += 1;
      this.output.send(String(this.sent), step.type, TimelineItemDto.of(step));
      this.newsAt = Math.max(this.newsAt, step.at.getTime());
      this.toldAt = now;
    }
    return news;
  }

  beatIfSilent(now: number): void {
    if (now - this.toldAt < BEAT_EVERY_MS) return;
    this.toldAt = now;
    this.output.beat();
  }

  hasRunFor(ms: number, now: number): boolean {
    return now - this.openedAt >= ms;
  }

  /** The order is over: what still follows does so within moments. */
  expectNoMore(): void {
    this.over = true;
  }

  isQuiet(now: number): boolean {
    return now - this.newsAt >= QUIET_MS;
  }

  isDone(now: number): boolean {
    return this.over && this.isQuiet(now);
  }

  /** Whether the reader's session is to be looked at now, and how; null when it was a moment ago. */
  dueCheck(now: number): 'cached' | 'fresh' | null {
    if (now - this.checkedAt < CHECK_EVERY_MS) return null;
    this.checkedAt = now;
    this.checks += 1;
    return this.checks % FRESH_CHECK === 0 ? 'fresh' : 'cached';
  }

  confirm(now: number): void {
    this.confirmedAt = now;
  }

  /** Nobody could be asked for too long. */
  isUnconfirmed(now: number): boolean {
    return now - this.confirmedAt > UNCHECKED_AT_MOST_MS;
  }
}
