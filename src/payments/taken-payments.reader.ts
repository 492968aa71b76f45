import type { DataSource } from 'typeorm';
import type { ReconciliationRepository } from './reconciliation.repository';

const BATCH = 1_000;
/** More have no charge only when the books are not ours: their ids alone would fill the memory. */
const MOST_WITHOUT_CHARGE = 100_000;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The lowest UUIDv7 of that moment. */
function firstIdOf(at: Date): string {
  const ms = at.getTime().toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-0000-0000-000000000000`;
}

/**
 * Payments of ours that took money, read on in the order of time beside the provider's books, so that only those are kept
 * whose charge was not met yet: three days of a busy shop do not fit into memory.
 */
export class TakenPayments {
  readonly withoutCharge = new Set<string>();
  count = 0;
  private after: string;

  constructor(
    private readonly database: DataSource,
    private readonly own: ReconciliationRepository,
    from: Date,
  ) {
    this.after = firstIdOf(from);
  }

  /** On to those made before that moment; null: to the last. */
  async read(until: Date | null): Promise<void> {
    const before = until === null ? LAST_ID : firstIdOf(until);
    for (;;) {
      const ids = await this.own.takenBetween(this.database, this.after, before, BATCH);
      for (const id of ids) this.withoutCharge.add(id);
      this.count += ids.length;
      this.after = ids.at(-1) ?? this.after;
      if (this.withoutCharge.size > MOST_WITHOUT_CHARGE) {
        throw new Error(
          `${this.withoutCharge.size} payments have no charge in the provider's books: is it the account?`,
        );
      }
      if (ids.length < BATCH) return;
    }
  }

  met(id: string): void {
    this.withoutCharge.delete(id);
  }
}
