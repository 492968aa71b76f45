import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { UnavailableError } from '../common/app-error';
import { Clock } from '../common/clock';
import { TimelineService, type TimelineEntry } from '../history/timeline.service';
import { readsAllOrders, type SignedInUser } from '../http/access.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { OrderReadingService } from '../orders/order-reading.service';
import { customerSteps, staffSteps } from './step.view';
import type { Audience, Receipt, RecordedEvent, Step } from './step.types';
import { askEach, StepsReader, type Found } from './steps.reader';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Outboxes keep events for 8 days, and the first event of an order is hardly older than the order. */
const IN_OUTBOXES_MS = 7 * DAY_MS;
const HISTORY_WITHIN_MS = 2_000;

/** An order as it stands, with all that is known of how it came there. */
export interface OrderTimeline {
  orderStatus: string;
  paymentStatus: string;
  events: RecordedEvent[];
  /** As the reader may see them, oldest first. */
  steps: Step[];
  /** Stores that did not answer. */
  incomplete: string[];
}

export function audienceOf(user: SignedInUser): Audience {
  return readsAllOrders(user) ? 'staff' : 'customer';
}

/** What happened to an order, gathered from every store that has seen it. Writes nothing. */
@Injectable()
export class OrderTimelineService {
  constructor(
    private readonly orders: OrderReadingService,
    private readonly history: TimelineService,
    private readonly reader: StepsReader,
    private readonly clock: Clock,
  ) {}

  /** 404 for an order that is not there, or not this user's; 503 only when that cannot be told. */
  async of(orderId: string, user: SignedInUser): Promise<OrderTimeline> {
    const audience = audienceOf(user);
    const order = await this.orders.get(orderId, audience === 'staff' ? null : user.userId);
    const recent = await this.reader.events([orderId]);
    const isYoung = this.clock.now().getTime() - order.createdAt.getTime() < IN_OUTBOXES_MS;
    // A customer's young order is all in the outboxes: MongoDB is not waited for.
    const needsHistory = audience === 'staff' || !isYoung || recent.missing.length > 0;
    const kept = needsHistory ? await this.fromHistory(orderId) : { found: [], missing: [] };
    const events = united(recent.found, kept.found);
    const full = audience === 'staff' ? await this.beside(orderId, events, kept.found) : null;
    return {
      orderStatus: order.status,
      paymentStatus: order.payment.status,
      events,
      steps: full?.found ?? customerSteps(events),
      incomplete: [...new Set([...recent.missing, ...kept.missing, ...(full?.missing ?? [])])],
    };
  }

  private async beside(orderId: string, events: RecordedEvent[], kept: TimelineEntry[]): Promise<Found<Step>> {
    const [receipts, deeds] = await Promise.all([this.reader.receipts(events), this.reader.deeds([orderId])]);
    return {
      found: staffSteps(events, [...receipts.found, ...kept.flatMap(toReceipt)], deeds.found),
      missing: [...receipts.missing, ...deeds.missing],
    };
  }

  private fromHistory(orderId: string): Promise<Found<TimelineEntry>> {
    return askEach([
      ['mongo', () => Promise.race([this.history.of(orderId), failAfter(HISTORY_WITHIN_MS, 'The history')])],
    ]);
  }
}

async function failAfter(ms: number, what: string): Promise<never> {
  await setTimeout(ms, undefined, { ref: false });
  throw new UnavailableError(what);
}

/** The outbox knows when an event was published; of what it no longer keeps, the history tells. */
function united(recent: readonly RecordedEvent[], kept: readonly TimelineEntry[]): RecordedEvent[] {
  const known = new Set(recent.map(({ id }) => id));
  const older = kept.filter(({ id }) => !known.has(id));
  return [...recent, ...older.map(({ recordedAt: _, ...entry }) => ({ ...entry, publishedAt: null }))];
}

/** The history has no inbox: its document is what shows that the event came. */
function toReceipt({ id, recordedAt }: TimelineEntry): Receipt[] {
  return recordedAt ? [{ eventId: id, group: GROUPS.history.name, at: recordedAt }] : [];
}
