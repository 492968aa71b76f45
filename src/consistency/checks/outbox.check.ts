import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Connection } from '../../database/connections';
import { PAGE, type Check, type Finding, type Page, type Scope, type Store } from '../consistency.types';
import { MessagesAuditRepository } from '../messages-audit.repository';

/** Promise 8, first half: what is written to an outbox gets out. Without Kafka it waits, and that is no breach. */
class OutboxCheck implements Check {
  readonly name: string;
  readonly needs: readonly Store[];

  constructor(
    private readonly database: Connection,
    private readonly source: DataSource,
    private readonly audit: MessagesAuditRepository,
  ) {
    this.name = `unpublished.${database}`;
    this.needs = [`postgres-${database}`, 'kafka'];
  }

  async page(_after: string | null, { settledFor }: Scope): Promise<Page> {
    return { keys: await this.audit.unpublished(this.source, settledFor, PAGE), next: null };
  }

  async examine(eventIds: readonly string[]): Promise<Finding[]> {
    if (eventIds.length === 0) return [];
    const rows = await this.audit.stillUnpublished(this.source, eventIds);
    return rows.map((row) => ({
      invariant: 'event.unpublished',
      key: row.event_id,
      ids: [row.event_id, row.subject],
      detail: `${row.type} of ${row.subject} waits in the ${this.database} outbox since ${row.occurred_at.toISOString()}`,
      repair: 'for people: see why no relay publishes it; it goes out by itself once one works',
      queue: this.name,
    }));
  }
}

@Injectable()
export class OutboxChecks {
  readonly all: readonly Check[];

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    audit: MessagesAuditRepository,
  ) {
    const sources: Record<Connection, DataSource> = { users, products, orders };
    const connections: Connection[] = ['users', 'products', 'orders'];
    this.all = connections.map((database) => new OutboxCheck(database, sources[database], audit));
  }
}
