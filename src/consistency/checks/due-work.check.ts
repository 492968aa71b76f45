import { InjectDataSource } from '@nestjs/typeorm';
import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { PAGE, type Check, type Finding, type Page, type Scope, type Store } from '../consistency.types';
import { MessagesAuditRepository } from '../messages-audit.repository';
import { MoneyAuditRepository, type DueWork } from '../money-audit.repository';

type Due = (seconds: number, among: readonly string[] | null, limit: number) => Promise<DueWork[]>;

/** Promise 7: rows that a worker should have taken up. What is tried again later is not due, however often it failed. */
class DueWorkCheck implements Check {
  constructor(
    readonly name: string,
    readonly needs: readonly Store[],
    private readonly invariant: string,
    private readonly due: Due,
  ) {}

  async page(_after: string | null, { settledFor }: Scope): Promise<Page> {
    const rows = await this.due(settledFor, null, PAGE);
    return { keys: rows.map((row) => row.id), next: null };
  }

  async examine(ids: readonly string[], { settledFor }: Scope): Promise<Finding[]> {
    if (ids.length === 0) return [];
    const rows = await this.due(settledFor, ids, PAGE);
    return rows.map((row) => ({
      invariant: this.invariant,
      key: row.id,
      ids: [row.id, row.order_id],
      detail: `${row.id} of order ${row.order_id} is ${row.status} and waits since ${row.since.toISOString()}`,
      repair: 'for people: see why no background worker takes it up',
      queue: this.name,
    }));
  }
}

/** The three kinds of work with a time at which a worker takes it up. */
@Injectable()
export class DueWorkChecks {
  readonly all: readonly Check[];

  constructor(
    @InjectDataSource('orders') orders: DataSource,
    @InjectDataSource('users') users: DataSource,
    money: MoneyAuditRepository,
    messages: MessagesAuditRepository,
  ) {
    const payments: Due = (seconds, among, limit) => money.duePayments(orders, seconds, among, limit);
    const refunds: Due = (seconds, among, limit) => money.dueRefunds(orders, seconds, among, limit);
    const notifications: Due = (seconds, among, limit) => messages.dueNotifications(users, seconds, among, limit);
    this.all = [
      new DueWorkCheck('due-payments', ['postgres-orders', 'payment-provider'], 'payment.stuck', payments),
      new DueWorkCheck('due-refunds', ['postgres-orders', 'payment-provider'], 'refund.stuck', refunds),
      new DueWorkCheck('due-notifications', ['postgres-users'], 'notification.stuck', notifications),
    ];
  }
}
