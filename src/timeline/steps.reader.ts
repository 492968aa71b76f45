import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CONNECTIONS, type Connection } from '../database/connections';
import { isInfrastructureError } from '../database/infrastructure-error';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { DeadLetterStepsRepository } from './dead-letter-steps.repository';
import { EventsRepository, type KnownEvents } from './events.repository';
import { HoldStepsRepository } from './hold-steps.repository';
import { MessageStepsRepository } from './message-steps.repository';
import { PaymentStepsRepository } from './payment-steps.repository';
import type { OrderStep, Receipt, RecordedEvent } from './step.types';

/** What was found, and the stores that did not answer, by their names in `/health/ready`. */
export interface Found<T> {
  found: T[];
  missing: string[];
}

const GROUP_NAMES = Object.values(GROUPS).map(({ name }) => name);

/** Asks the stores at once; one that is down takes nothing but its own part away. */
export async function askEach<T>(
  asks: readonly (readonly [store: string, ask: () => Promise<T[]>])[],
): Promise<Found<T>> {
  const answers = await Promise.all(
    asks.map(async ([store, ask]): Promise<Found<T>> => {
      try {
        return { found: await ask(), missing: [] };
      } catch (error) {
        if (!isInfrastructureError(error)) throw error;
        new Logger('Timeline').debug(`${store} does not answer: ${String(error)}`);
        return { found: [], missing: [store] };
      }
    }),
  );
  return {
    found: answers.flatMap(({ found }) => found),
    missing: [...new Set(answers.flatMap(({ missing }) => missing))],
  };
}

/** Reads the steps of any number of orders out of the three databases, one connection of each at a time. */
@Injectable()
export class StepsReader {
  private readonly sources: Readonly<Record<Connection, DataSource>>;

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    private readonly outboxes: EventsRepository,
    private readonly payments: PaymentStepsRepository,
    private readonly holds: HoldStepsRepository,
    private readonly messages: MessageStepsRepository,
    private readonly deadLetters: DeadLetterStepsRepository,
  ) {
    this.sources = { users, products, orders };
  }

  events(orderIds: readonly string[]): Promise<Found<RecordedEvent>> {
    return this.ofEachDatabase((source) => this.outboxes.of(source, orderIds));
  }

  /** The events of the orders that have news in this database. */
  changedEvents(connection: Connection, known: readonly KnownEvents[]): Promise<Found<RecordedEvent>> {
    return askEach([[`postgres-${connection}`, () => this.outboxes.ofChanged(this.sources[connection], known)]]);
  }

  receipts(events: readonly RecordedEvent[]): Promise<Found<Receipt>> {
    const ids = events.map(({ id }) => id);
    return this.ofEachDatabase((source) => this.outboxes.receipts(source, GROUP_NAMES, ids));
  }

  /** What was done beside the events. Whatever else is to be seen on a timeline joins here. */
  deeds(orderIds: readonly string[]): Promise<Found<OrderStep>> {
    const { users, products, orders } = this.sources;
    return askEach<OrderStep>([
      ['postgres-orders', () => this.payments.of(orders, orderIds)],
      ['postgres-orders', () => this.deadLetters.of(orders, orderIds)],
      ['postgres-products', () => this.holds.of(products, orderIds)],
      ['postgres-users', () => this.messages.of(users, orderIds)],
    ]);
  }

  private ofEachDatabase<T>(ask: (source: DataSource) => Promise<T[]>): Promise<Found<T>> {
    return askEach(CONNECTIONS.map((name) => [`postgres-${name}`, () => ask(this.sources[name])] as const));
  }
}
