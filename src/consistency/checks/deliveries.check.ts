import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AnalyticsService } from '../../analytics/analytics.service';
import type { Connection } from '../../database/connections';
import { TimelineService } from '../../history/timeline.service';
import { Inbox } from '../../messaging/inbox/inbox.service';
import { GROUPS } from '../../messaging/kafka/listener-groups';
import type { Check, Finding, Page, Store } from '../consistency.types';
import { MessagesAuditRepository, type AuditedEvent } from '../messages-audit.repository';
import { DeliveryCheck, type Delivery } from './delivery.check';

/** The cart notes a checkout, not an event: the request that placed the order may have been first. */
const CART_CLEARANCE = 'cart-clearance';

const ORDER_EVENTS = [
  'order.created',
  'order.confirmed',
  'order.processing',
  'order.shipped',
  'order.delivered',
  'order.cancelled',
];
const PAYMENT_EVENTS = ['payment.initiated', 'payment.succeeded', 'payment.failed', 'payment.refunded'];
const STOCK_EVENTS = ['inventory.reserved', 'inventory.released', 'inventory.updated', 'inventory.low_stock'];
const MESSAGE_EVENTS = ['email.order_confirmation', 'email.shipping_update', 'sms.order_status'];

const idsOf = (events: readonly AuditedEvent[]): string[] => events.map((event) => event.event_id);

/** Dead letters are known and told of elsewhere: here they are only counted. */
@Injectable()
export class DeadLettersCheck implements Check {
  readonly name = 'open-dead-letters';
  readonly needs = ['postgres-orders'] as const;

  constructor(
    @InjectDataSource('orders') private readonly orders: DataSource,
    private readonly audit: MessagesAuditRepository,
  ) {}

  async page(): Promise<Page> {
    return { keys: [], looked: await this.audit.openLetters(this.orders), next: null };
  }

  async examine(): Promise<Finding[]> {
    return [];
  }
}

/** Every group that keeps account of what it heard, with the events it must have heard. */
@Injectable()
export class DeliveryChecks {
  readonly all: readonly Check[];
  private readonly sources: Record<Connection, DataSource>;

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    private readonly audit: MessagesAuditRepository,
    private readonly heard: Inbox,
    private readonly timeline: TimelineService,
    private readonly analytics: AnalyticsService,
  ) {
    this.sources = { users, products, orders };
    this.all = [
      this.inbox('inventory', 'products', ['order.confirmed', 'order.cancelled']),
      this.inbox('shipping', 'orders', ['order.confirmed', 'order.cancelled']),
      this.inbox('payments', 'orders', ['order.cancelled']),
      this.inbox('notifications', 'users', ['order.confirmed', 'order.shipped', 'order.delivered', 'order.cancelled']),
      this.cart(),
      this.history('orders', [...ORDER_EVENTS, ...PAYMENT_EVENTS]),
      this.history('products', STOCK_EVENTS),
      this.history('users', MESSAGE_EVENTS),
      this.documents('analytics', 'orders', [...ORDER_EVENTS, ...PAYMENT_EVENTS], (events) =>
        this.analytics.recorded(idsOf(events)),
      ),
    ].map((delivery) => new DeliveryCheck(delivery, this.sources[delivery.database], audit));
  }

  private inbox(group: keyof typeof GROUPS, store: Connection, types: readonly string[]): Delivery {
    const known = (events: readonly AuditedEvent[]) =>
      this.heard.known(this.sources[store], GROUPS[group].name, idsOf(events));
    return this.delivery(group, 'orders', types, [`postgres-${store}`], known);
  }

  private cart(): Delivery {
    return this.delivery('cart', 'orders', ['order.created'], ['postgres-users'], async (events) => {
      const checkoutIds = events.flatMap((event) => event.checkout_id ?? []);
      const cleared = await this.heard.known(this.sources.users, CART_CLEARANCE, checkoutIds);
      return new Set(idsOf(events.filter((event) => cleared.has(event.checkout_id ?? ''))));
    });
  }

  /** Events of products alone are nobody's timeline. */
  private history(database: Connection, types: readonly string[]): Delivery {
    return this.documents('history', database, types, async (events) => {
      const nobodys = events.filter((event) => event.order_id === null);
      const recorded = await this.timeline.recorded(idsOf(events));
      return new Set([...recorded, ...idsOf(nobodys)]);
    });
  }

  private documents(
    group: keyof typeof GROUPS,
    database: Connection,
    types: readonly string[],
    known: Delivery['known'],
  ): Delivery {
    return this.delivery(group, database, types, ['mongo'], known);
  }

  private delivery(
    group: keyof typeof GROUPS,
    database: Connection,
    types: readonly string[],
    needs: readonly Store[],
    known: Delivery['known'],
  ): Delivery {
    const dead: Delivery['dead'] = (events, seconds) =>
      this.audit.letters(this.sources.orders, GROUPS[group].name, events, seconds);
    return { group, database, types, needs: [...needs, 'postgres-orders'], known, dead };
  }
}
