import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { positionOf, toPositionPage, type CursorPage } from '../common/pagination';
import { currentTrace } from '../common/trace-context';
import { AuditRepository } from './audit.repository';
import { AUDITED_ELSEWHERE, type AuditEntry, type AuditFilter, type AuditRecord } from './audit.types';

export type { AuditEntry } from './audit.types';

type Fields = Readonly<Record<string, unknown>>;

/** The fields in which two states of a thing differ, as they were and as they became. */
export function changedFields(before: Fields, after: Fields): { before: object; after: object } | null {
  const names = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  if (names.length === 0) return null;
  const pick = (from: Fields) => Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
  return { before: pick(before), after: pick(after) };
}

/** The trail of what staff did. Whoever changes something writes to it in the same transaction: both are kept or neither. */
@Injectable()
export class AuditService {
  private readonly databases: Record<'users' | 'products' | 'orders', DataSource>;

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    private readonly repository: AuditRepository,
  ) {
    this.databases = { users, products, orders };
  }

  /** `requestId` is for work that goes on after its request; else it is this request's. */
  async record(
    tx: EntityManager,
    actorId: string | null,
    entries: readonly AuditEntry[],
    requestId: string | null = currentTrace()?.requestId ?? null,
  ): Promise<void> {
    if (entries.length > 0) await this.repository.insert(tx, actorId, requestId, entries);
  }

  /** Newest first, of the database in which things of that type live; of the catalogue where none is named. */
  async list(filter: AuditFilter, page: { cursor?: string; limit: number }): Promise<CursorPage<AuditRecord>> {
    const database = this.databases[(filter.subjectType && AUDITED_ELSEWHERE[filter.subjectType]) ?? 'products'];
    const rows = await this.repository.list(database, filter, positionOf(page.cursor), page.limit + 1);
    return toPositionPage(rows, page.limit, (row) => Number(row.position));
  }
}
