import type { DataSource } from 'typeorm';
import type { Connection } from '../../database/connections';
import { PAGE, type Check, type Finding, type Page, type Scope, type Store } from '../consistency.types';
import type { AuditedEvent, MessagesAuditRepository } from '../messages-audit.repository';

/** Which events a group must know, and how it is asked for those that it does. */
export interface Delivery {
  /** The group's name without the shop's. */
  group: string;
  database: Connection;
  types: readonly string[];
  needs: readonly Store[];
  known: (events: readonly AuditedEvent[]) => Promise<ReadonlySet<string>>;
  /** Events of this group that lie among the dead letters, those redriven only this many seconds ago included. */
  dead: (events: readonly AuditedEvent[], seconds: number) => Promise<ReadonlySet<string>>;
}

/** Promise 8, second half: what was published reached the group, or lies among its dead letters. */
export class DeliveryCheck implements Check {
  readonly name: string;
  readonly needs: readonly Store[];

  constructor(
    private readonly delivery: Delivery,
    private readonly source: DataSource,
    private readonly audit: MessagesAuditRepository,
  ) {
    this.name = `events.${delivery.group}.${delivery.database}`;
    this.needs = [...new Set<Store>([`postgres-${delivery.database}`, 'kafka', ...delivery.needs])];
  }

  async page(after: string | null, { days, settledFor }: Scope): Promise<Page> {
    const wanted = { types: this.delivery.types, days, seconds: settledFor };
    const rows = await this.audit.published(this.source, wanted, after, PAGE);
    return {
      keys: rows.map((row) => row.event_id),
      next: rows.length < PAGE ? null : (rows.at(-1)?.position ?? null),
    };
  }

  async examine(eventIds: readonly string[], { settledFor }: Scope): Promise<Finding[]> {
    const { group, database, known, dead } = this.delivery;
    const events = await this.audit.events(this.source, eventIds, settledFor);
    const handled = await known(events);
    const missing = events.filter((event) => !handled.has(event.event_id));
    if (missing.length === 0) return [];
    const letters = await dead(missing, settledFor);
    return missing
      .filter((event) => !letters.has(event.event_id))
      .map((event) => ({
        invariant: 'event.unhandled',
        key: event.event_id,
        ids: [event.event_id, ...(event.order_id ? [event.order_id] : []), event.subject],
        detail: `${event.type} ${event.event_id} was published and ${group} does not know it`,
        repair: 'the repair has it published again: who knows it drops it',
        fix: { verb: 'publish-again', database, eventId: event.event_id },
        queue: this.name,
      }));
  }
}
