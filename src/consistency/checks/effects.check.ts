import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { GROUPS } from '../../messaging/kafka/listener-groups';
import { PAGE, type Check, type Finding, type Fix, type Page, type Scope, type Store } from '../consistency.types';
import { MessagesAuditRepository, type AuditedEvent } from '../messages-audit.repository';
import { StockAuditRepository } from '../stock-audit.repository';

interface Effect {
  invariant: string;
  group: keyof typeof GROUPS;
  types: readonly string[];
  needs: readonly Store[];
  /** Events the group's inbox knows without their effect, in one snapshot of the group's database. */
  without: (group: string, events: readonly AuditedEvent[]) => Promise<string[]>;
  repair: string;
  fix?: (event: AuditedEvent) => Fix | undefined;
}

/** Promise 4: an inbox row and its effect are one transaction. They hold at any age. */
class EffectCheck implements Check {
  readonly name: string;
  readonly needs: readonly Store[];

  constructor(
    private readonly effect: Effect,
    private readonly orders: DataSource,
    private readonly audit: MessagesAuditRepository,
  ) {
    this.name = `effects.${effect.group}`;
    this.needs = effect.needs;
  }

  async page(after: string | null, { days }: Scope): Promise<Page> {
    const rows = await this.audit.published(this.orders, { types: this.effect.types, days, seconds: 0 }, after, PAGE);
    return {
      keys: rows.map((row) => row.event_id),
      next: rows.length < PAGE ? null : (rows.at(-1)?.position ?? null),
    };
  }

  async examine(eventIds: readonly string[]): Promise<Finding[]> {
    const { group, invariant, repair, fix } = this.effect;
    const events = await this.audit.events(this.orders, eventIds, 0);
    const without = new Set(await this.effect.without(GROUPS[group].name, events));
    return events
      .filter((event) => without.has(event.event_id))
      .map((event) => ({
        invariant,
        key: event.event_id,
        ids: [event.subject, event.event_id],
        detail: `${group} dealt with ${event.type} ${event.event_id} of order ${event.subject}, without effect`,
        repair,
        fix: fix?.(event),
      }));
  }
}

/** The effects that can be seen in the database of the group that was to bring them about. */
@Injectable()
export class EffectChecks {
  readonly all: readonly Check[];

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    audit: MessagesAuditRepository,
    stock: StockAuditRepository,
  ) {
    const outcomes = ['order.confirmed', 'order.cancelled'];
    const told = ['order.confirmed', 'order.shipped', 'order.delivered', 'order.cancelled'];
    const effects: Effect[] = [
      {
        invariant: 'effect.stock',
        group: 'inventory',
        types: outcomes,
        needs: ['postgres-orders', 'postgres-products'],
        without: (group, events) =>
          stock.handledWithoutEffect(
            products,
            group,
            events.flatMap(({ event_id: eventId, checkout_id: checkoutId, type }) =>
              checkoutId ? [{ eventId, checkoutId, cancelled: type === 'order.cancelled' }] : [],
            ),
          ),
        repair: 'the repair settles the stock as the order says',
        fix: ({ subject: orderId, checkout_id: checkoutId }) =>
          checkoutId ? { verb: 'settle-stock', orderId, checkoutId } : undefined,
      },
      {
        invariant: 'effect.shipment',
        group: 'shipping',
        types: outcomes,
        needs: ['postgres-orders'],
        without: (group, events) => audit.withoutShipment(orders, group, events),
        repair: 'for people: ship the order, or call its parcel off',
      },
      {
        invariant: 'effect.payment',
        group: 'payments',
        types: ['order.cancelled'],
        needs: ['postgres-orders'],
        without: (group, events) => audit.withoutVoid(orders, group, events),
        repair: 'the charge worker voids it at its next turn; for people when it does not',
      },
      {
        invariant: 'effect.notification',
        group: 'notifications',
        types: told,
        needs: ['postgres-orders', 'postgres-users'],
        without: (group, events) =>
          audit.withoutNotification(
            users,
            group,
            events.map((event) => event.event_id),
          ),
        repair: 'for people: the customer was not told; write to them',
      },
    ];
    this.all = effects.map((effect) => new EffectCheck(effect, orders, audit));
  }
}
