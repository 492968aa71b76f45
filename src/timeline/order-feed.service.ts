import { Injectable } from '@nestjs/common';
import { CONNECTIONS, type Connection } from '../database/connections';
import { customerSteps, staffSteps } from './step.view';
import type { RecordedEvent } from './step.types';
import { StepsReader } from './steps.reader';
import type { WatchedOrder, WatchedOrders } from './watched-orders.record';

function byOrder<T extends { orderId: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.orderId) ?? [];
    groups.set(item.orderId, group);
    group.push(item);
  }
  return groups;
}

/**
 * Brings the news of all watched orders to their streams: three statements for customers and six more while staff watch,
 * however many streams there are. A database that is down is left out until it is back.
 */
@Injectable()
export class OrderFeed {
  constructor(private readonly reader: StepsReader) {}

  async bring(watched: WatchedOrders, now: () => number): Promise<void> {
    const changed = new Set<WatchedOrder>();
    await Promise.all(CONNECTIONS.map((connection) => this.learn(connection, watched, changed)));
    for (const order of changed) {
      const steps = customerSteps([...order.events.values()]);
      for (const stream of order.streams) if (stream.audience === 'customer') stream.tell(steps, now());
    }
    if (watched.ofStaff.length > 0) await this.bringToStaff(watched.ofStaff, now);
  }

  private async learn(connection: Connection, watched: WatchedOrders, changed: Set<WatchedOrder>): Promise<void> {
    const { found } = await this.reader.changedEvents(connection, watched.known(connection));
    const news = byOrder(found);
    for (const order of watched.all) {
      const events = news.get(order.id);
      if (!events) continue;
      order.learn(connection, events);
      changed.add(order);
    }
  }

  /** What staff see changes without a new event: a try ends, an event is published. */
  private async bringToStaff(orders: readonly WatchedOrder[], now: () => number): Promise<void> {
    const ids = orders.map(({ id }) => id);
    const [events, deeds] = await Promise.all([this.reader.events(ids), this.reader.deeds(ids)]);
    const receipts = await this.reader.receipts(events.found);
    const deedsOf = byOrder(deeds.found);
    const eventsOf = byOrder(events.found);
    for (const order of orders) {
      const recent = eventsOf.get(order.id) ?? [];
      const ofOrder = new Set(recent.map(({ id }) => id));
      const received = receipts.found.filter(({ eventId }) => ofOrder.has(eventId));
      const steps = staffSteps(this.withOlder(order, recent), received, deedsOf.get(order.id) ?? []);
      for (const stream of order.streams) if (stream.audience === 'staff') stream.tell(steps, now());
    }
  }

  /** Events the outboxes no longer have were read when the stream began. */
  private withOlder(order: WatchedOrder, recent: readonly RecordedEvent[]): RecordedEvent[] {
    return [...new Map([...order.events.values(), ...recent].map((event) => [event.id, event])).values()];
  }
}
