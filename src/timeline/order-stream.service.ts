import type { Readable } from 'node:stream';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { SessionsService } from '../auth/sessions.service';
import { Clock } from '../common/clock';
import { isInfrastructureError } from '../database/infrastructure-error';
import type { SignedInUser } from '../http/access.decorators';
import { BackgroundWork } from '../messaging/background-work';
import { Settings } from '../settings/settings';
import { OpenStream } from './open-stream.record';
import { OrderFeed } from './order-feed.service';
import { audienceOf, OrderTimelineService, type OrderTimeline } from './order-timeline.service';
import { SentSteps } from './sent-steps.record';
import { noStreamLeft, tooManyStreams } from './timeline.errors';
import { WatchedOrders } from './watched-orders.record';

const POLL_MS = 500;
const MOST_OF_A_USER = 10;
/** Payments that change no more once their order is cancelled. */
const SETTLED: ReadonlySet<string> = new Set(['voided', 'failed', 'refunded']);

function isOver({ orderStatus, paymentStatus }: OrderTimeline): boolean {
  return orderStatus === 'delivered' || (orderStatus === 'cancelled' && SETTLED.has(paymentStatus));
}

/** Open streams of this worker. None holds a connection: one poll serves them all. */
@Injectable()
export class OrderStreamService implements OnModuleDestroy {
  private readonly watched = new WatchedOrders();
  private readonly places = new Map<string, number>();
  private readonly work: BackgroundWork;
  private taken = 0;
  private working = false;
  private closed = false;

  constructor(
    private readonly timelines: OrderTimelineService,
    private readonly feed: OrderFeed,
    private readonly sessions: SessionsService,
    private readonly clock: Clock,
    @InjectMetric('order_streams_open') private readonly open: Gauge,
    private readonly settings: Settings,
  ) {
    this.work = new BackgroundWork({ name: 'order-streams', everyMs: POLL_MS, run: () => this.turn() });
  }

  /**
   * A stream of the order's steps, those so far first; null when its reader has all and no more are to come. Throws as
   * the timeline does, and when there are too many streams: 429 of one user, 503 of this worker.
   */
  async follow(orderId: string, user: SignedInUser, lastEventId?: string): Promise<Readable | null> {
    this.takePlace(user.userId);
    try {
      const timeline = await this.timelines.of(orderId, user);
      const sent = SentSteps.from(lastEventId);
      const now = this.now();
      const newsAt = timeline.steps.at(-1)?.at.getTime() ?? now;
      const resumes = !sent.isEmpty;
      const stream = new OpenStream(orderId, user, audienceOf(user), sent, now, newsAt);
      const news = stream.tell(timeline.steps, now);
      if (resumes && news === 0 && isOver(timeline) && stream.isQuiet(now)) {
        this.leavePlace(user.userId);
        return null;
      }
      this.begin(stream, timeline);
      return stream.output;
    } catch (error) {
      this.leavePlace(user.userId);
      throw error;
    }
  }

  /** Open streams would hold up the end of the server; their readers go on at another. */
  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    for (const stream of this.watched.streams) this.end(stream);
    if (this.working) await this.work.stop();
  }

  private begin(stream: OpenStream, timeline: OrderTimeline): void {
    stream.output.once('close', () => this.end(stream));
    this.watched.join(stream, timeline.events);
    if (isOver(timeline)) stream.expectNoMore();
    if (this.working) this.work.wake();
    else this.work.start();
    this.working = true;
    // The server began to close while the steps were read.
    if (this.closed) this.end(stream);
  }

  private end(stream: OpenStream): void {
    stream.output.finish();
    if (this.watched.leave(stream)) this.leavePlace(stream.user.userId);
  }

  private async turn(): Promise<void> {
    if (this.watched.streams.length === 0) return;
    await this.feed.bring(this.watched, () => this.now());
    const now = this.now();
    for (const order of this.watched.all) {
      for (const stream of order.streams) {
        if (order.isOver) stream.expectNoMore();
        const isDone = stream.isDone(now) || stream.hasRunFor(this.settings.orderStreamSeconds * 1000, now);
        if (isDone || stream.isUnconfirmed(now)) this.end(stream);
        else stream.beatIfSilent(now);
      }
    }
    await Promise.all(this.watched.streams.map((stream) => this.check(stream, now)));
  }

  /** A session that ended ends its streams; so does a role that was given or taken. */
  private async check(stream: OpenStream, now: number): Promise<void> {
    const due = stream.dueCheck(now);
    if (due === null) return;
    try {
      const user = await this.sessions.signedIn(stream.user, due === 'fresh');
      if (user && audienceOf(user) === stream.audience) stream.confirm(now);
      else this.end(stream);
    } catch (error) {
      // Nobody can be asked: it goes on for a while.
      if (!isInfrastructureError(error)) throw error;
    }
  }

  private takePlace(userId: string): void {
    if (this.closed || this.taken >= this.settings.orderStreams) throw noStreamLeft();
    const own = this.places.get(userId) ?? 0;
    if (own >= MOST_OF_A_USER) throw tooManyStreams(MOST_OF_A_USER);
    this.places.set(userId, own + 1);
    this.count(1);
  }

  private leavePlace(userId: string): void {
    const own = this.places.get(userId) ?? 0;
    if (own > 1) this.places.set(userId, own - 1);
    else this.places.delete(userId);
    this.count(-1);
  }

  private count(change: 1 | -1): void {
    this.taken += change;
    this.open.set(this.taken);
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
