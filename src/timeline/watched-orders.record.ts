import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../database/connections';
import type { KnownEvents } from './events.repository';
import type { OpenStream } from './open-stream.record';
import type { RecordedEvent } from './step.types';

/** One order that at least one stream shows, with its events as far as they are known here. */
export class WatchedOrder {
  readonly streams = new Set<OpenStream>();
  readonly events = new Map<string, RecordedEvent>();
  private counts = noneKnown();

  constructor(readonly id: string) {}

  /** A stream joins with what it read; all is read again, for what may have come in between. */
  join(stream: OpenStream, events: readonly RecordedEvent[]): void {
    this.streams.add(stream);
    for (const event of events) this.events.set(event.id, event);
    this.counts = noneKnown();
  }

  known(connection: Connection): KnownEvents {
    return { orderId: this.id, count: this.counts[connection] };
  }

  learn(connection: Connection, events: readonly RecordedEvent[]): void {
    for (const event of events) this.events.set(event.id, event);
    this.counts[connection] = events.length;
  }

  /** Delivered; or cancelled, and its money settled too: a part that was given back before is not all of it. */
  get isOver(): boolean {
    const events = [...this.events.values()];
    const has = (type: string) => events.some((event) => event.type === type);
    if (has('order.delivered')) return true;
    return has('order.cancelled') && (has('payment.failed') || events.some(isWhollyRefunded));
  }
}

function isWhollyRefunded({ type, detail }: RecordedEvent): boolean {
  return type === 'payment.refunded' && isDeepStrictEqual(detail['refundedTotal'], detail['amount']);
}

function noneKnown(): Record<Connection, number> {
  return { users: 0, products: 0, orders: 0 };
}

/** All orders that this worker watches. */
export class WatchedOrders {
  private readonly orders = new Map<string, WatchedOrder>();

  join(stream: OpenStream, events: readonly RecordedEvent[]): void {
    const order = this.orders.get(stream.orderId) ?? new WatchedOrder(stream.orderId);
    this.orders.set(order.id, order);
    order.join(stream, events);
  }

  /** False when it had left before. */
  leave(stream: OpenStream): boolean {
    const order = this.orders.get(stream.orderId);
    const left = order?.streams.delete(stream) ?? false;
    if (order?.streams.size === 0) this.orders.delete(order.id);
    return left;
  }

  get all(): WatchedOrder[] {
    return [...this.orders.values()];
  }

  get streams(): OpenStream[] {
    return this.all.flatMap(({ streams }) => [...streams]);
  }

  /** Those that a stream of staff shows: they want more than events. */
  get ofStaff(): WatchedOrder[] {
    return this.all.filter(({ streams }) => [...streams].some(({ audience }) => audience === 'staff'));
  }

  known(connection: Connection): KnownEvents[] {
    return this.all.map((order) => order.known(connection));
  }
}
