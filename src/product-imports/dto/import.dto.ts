import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';
import { CursorPageDto } from '../../common/pagination.dto';
import {
  IMPORT_STATES,
  type ImportJobRecord,
  type ImportOptions,
  type ImportState,
  type RowFailure,
} from '../import.types';

function toBoolean({ value }: { value: unknown }): unknown {
  return value === 'true' ? true : value === 'false' ? false : value;
}

export class ImportQuery {
  /** Check everything, keep nothing. */
  @IsOptional()
  @Transform(toBoolean)
  @IsBoolean()
  dryRun?: boolean;

  /** Make categories that are not there yet. */
  @IsOptional()
  @Transform(toBoolean)
  @IsBoolean()
  createCategories?: boolean;

  static options({ dryRun = false, createCategories = false }: ImportQuery): ImportOptions {
    return { dryRun, createCategories };
  }
}

export class ImportDto {
  id: string;

  @ApiProperty({ enum: IMPORT_STATES })
  state: ImportState;

  dryRun: boolean;
  createCategories: boolean;

  /** As the header has them. */
  columns: string[];

  /** Rows of the file, but for the header and empty lines. */
  rowsReceived: number;

  /** Rows that were done: created, updated, unchanged or failed. */
  rowsRead: number;

  created: number;
  updated: number;
  unchanged: number;
  failed: number;
  createdBy: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;

  /** `createdAt` and the others are texts when the answer was kept for its Idempotency-Key. */
  static of(job: ImportJobRecord): ImportDto {
    const time = (at: Date | null) => (at === null ? null : new Date(at).toISOString());
    return Object.assign(new ImportDto(), {
      id: job.id,
      state: job.state,
      dryRun: job.dryRun,
      createCategories: job.createCategories,
      columns: job.columns,
      rowsReceived: job.rowsReceived,
      rowsRead: job.rowsRead,
      created: job.created,
      updated: job.updated,
      unchanged: job.unchanged,
      failed: job.failed,
      createdBy: job.createdBy,
      createdAt: time(job.createdAt),
      startedAt: time(job.startedAt),
      finishedAt: time(job.finishedAt),
    });
  }
}

export class ImportsDto {
  items: ImportDto[];
  page: CursorPageDto;
}

export class ImportErrorDto {
  /** Of the file, from 1: where the row begins. */
  line: number;

  sku: string | null;

  /** The column that is wrong, when it is one. */
  field: string | null;

  message: string;

  static of({ line, sku, field, message }: RowFailure): ImportErrorDto {
    return Object.assign(new ImportErrorDto(), { line, sku, field, message });
  }
}

export class ImportErrorsDto {
  items: ImportErrorDto[];
  page: CursorPageDto;
}
