import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import type { Report } from '../consistency.types';

export class ConsistencyQuery {
  /** Work that waits no longer than this, in seconds, is on its way and no breach. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(3600)
  settledFor: number = 120;

  /** How far back events are looked at, in days: outbox rows are kept for eight. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(8)
  days: number = 7;
}

export class BreachDto {
  /** Which promise is broken; names are stable. */
  invariant: string;

  /** Orders, payments, products, events: the most telling first. */
  ids: string[];

  detail: string;

  /** What the repair would do, or what a person should. */
  repair: string;
}

export class SkippedCheckDto {
  check: string;
  because: string;
}

export class ConsistencyDto {
  checkedAt: string;
  breaches: BreachDto[];

  /** What could not be looked at, or not to its end. */
  skipped: SkippedCheckDto[];

  /** By check, how much was looked at. */
  checked: Record<string, number>;

  static of(report: Report): ConsistencyDto {
    const breaches = report.breaches.map(({ invariant, ids, detail, repair }) => ({ invariant, ids, detail, repair }));
    return Object.assign(new ConsistencyDto(), { ...report, checkedAt: report.checkedAt.toISOString(), breaches });
  }
}

export class RepairedDto {
  invariant: string;
  ids: string[];

  /** What was done about it. */
  done: string;
}

export class RepairDto {
  /** What the repair changed; empty when it found nothing to do. */
  repaired: RepairedDto[];

  /** What is broken still, some of which may be on its way. */
  left: ConsistencyDto;

  static of(outcome: { repaired: RepairedDto[]; left: Report }): RepairDto {
    return Object.assign(new RepairDto(), { repaired: outcome.repaired, left: ConsistencyDto.of(outcome.left) });
  }
}
