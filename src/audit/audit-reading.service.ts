import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { positionOf, toPositionPage, type CursorPage } from '../common/pagination';
import { AuditRepository } from './audit.repository';
import { AUDITED_ELSEWHERE, type AuditFilter, type AuditRecord } from './audit.types';

export type { AuditRecord } from './audit.types';

/** The trail of what staff did, for who looks into it. */
@Injectable()
export class AuditReadingService {
  private readonly databases: Record<'users' | 'products' | 'orders', DataSource>;

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    private readonly repository: AuditRepository,
  ) {
    this.databases = { users, products, orders };
  }

  /** What staff did to these orders and refunds, oldest first. */
  aboutOrders(subjectIds: readonly string[]): Promise<AuditRecord[]> {
    return this.repository.about(this.databases.orders, subjectIds);
  }

  /** Newest first, of the database in which things of that type live; of the catalogue where none is named. */
  async list(filter: AuditFilter, page: { cursor?: string; limit: number }): Promise<CursorPage<AuditRecord>> {
    const database = this.databases[(filter.subjectType && AUDITED_ELSEWHERE[filter.subjectType]) ?? 'products'];
    const rows = await this.repository.list(database, filter, positionOf(page.cursor), page.limit + 1);
    return toPositionPage(rows, page.limit, (row) => Number(row.position));
  }
}
