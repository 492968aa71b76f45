import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { PAGE, pageOf, type Check, type Finding, type Page, type Scope } from '../consistency.types';
import { MessagesAuditRepository } from '../messages-audit.repository';

/** Promise 8: what customers were to be told is sent or on its way. What was given up is for people. */
@Injectable()
export class NotificationsCheck implements Check {
  readonly name = 'dead-notifications';
  readonly needs = ['postgres-users'] as const;

  constructor(
    @InjectDataSource('users') private readonly users: DataSource,
    private readonly audit: MessagesAuditRepository,
  ) {}

  async page(after: string | null, { days }: Scope): Promise<Page> {
    return pageOf(await this.audit.deadNotificationIds(this.users, days, after, PAGE));
  }

  async examine(ids: readonly string[]): Promise<Finding[]> {
    const rows = await this.audit.deadNotifications(this.users, ids);
    return rows.map((row) => ({
      invariant: 'notification.dead',
      key: row.id,
      ids: [row.id, row.order_id],
      detail: `${row.type} ${row.id} of order ${row.order_id} was given up: ${row.last_error ?? 'no reason kept'}`,
      repair: 'for people: correct the address, and tell the customer',
    }));
  }
}
