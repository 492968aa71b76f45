import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { currentTrace } from '../common/trace-context';
import { AuditRepository } from './audit.repository';
import type { AuditEntry } from './audit.types';

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
  constructor(private readonly repository: AuditRepository) {}

  /** `requestId` is for work that goes on after its request; else it is this request's. */
  async record(
    tx: EntityManager,
    actorId: string | null,
    entries: readonly AuditEntry[],
    requestId: string | null = currentTrace()?.requestId ?? null,
  ): Promise<void> {
    if (entries.length > 0) await this.repository.insert(tx, actorId, requestId, entries);
  }
}
