import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { CursorPageDto, CursorQuery } from '../../common/pagination.dto';
import { AUDITED, type AuditedType, type AuditFilter, type AuditRecord } from '../audit.types';

export class ListAuditLogQuery extends CursorQuery {
  @IsOptional()
  @IsIn(AUDITED)
  @ApiPropertyOptional({ enum: AUDITED, enumName: 'AuditedType' })
  subjectType?: AuditedType;

  @IsOptional()
  @IsUUID()
  subjectId?: string;

  /** The member of staff. */
  @IsOptional()
  @IsUUID()
  actorId?: string;

  /** As `product.updated`. */
  @IsOptional()
  @IsString()
  @MaxLength(50)
  action?: string;

  static filter(query: ListAuditLogQuery): AuditFilter {
    return {
      subjectType: query.subjectType ?? null,
      subjectId: query.subjectId ?? null,
      actorId: query.actorId ?? null,
      action: query.action ?? null,
    };
  }
}

export class AuditEntryDto {
  /** Rises along the trail. */
  position: string;

  /** Null for what the shop did by itself. */
  actorId: string | null;

  action: string;

  @ApiProperty({ enum: AUDITED, enumName: 'AuditedType' })
  subjectType: AuditedType;

  subjectId: string;

  /** What of it changed, as it was; null for what was new. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  before: object | null;

  /** The same as it became; null for what is gone. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  after: object | null;

  requestId: string | null;
  at: string;

  static of(record: AuditRecord): AuditEntryDto {
    return Object.assign(new AuditEntryDto(), {
      position: record.position,
      actorId: record.actorId,
      action: record.action,
      subjectType: record.subjectType,
      subjectId: record.subjectId,
      before: record.before,
      after: record.after,
      requestId: record.requestId,
      at: record.at.toISOString(),
    });
  }
}

export class AuditLogDto {
  items: AuditEntryDto[];
  page: CursorPageDto;
}
