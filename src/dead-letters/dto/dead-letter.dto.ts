import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { CursorPageDto, CursorQuery } from '../../common/pagination.dto';
import { TOPICS, type Topic } from '../../events/topics';
import { OneLine } from '../../http/field.decorators';
import type { DeadLetterRecord, DeadLetterSummary, StoredHeaders } from '../dead-letter.record';
import { DEAD_LETTER_STATUSES, type DeadLetterStatus } from '../dead-letter.state';

/** Bytes that are no text are shown in base64 only. */
function textOf(bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : null;
}

export class ListDeadLettersQuery extends CursorQuery {
  @IsOptional()
  @IsIn(DEAD_LETTER_STATUSES)
  @ApiPropertyOptional({ enum: DEAD_LETTER_STATUSES, enumName: 'DeadLetterStatus' })
  status?: DeadLetterStatus;

  /** The listener group that gave it up, as `tradepost-inventory`. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  group?: string;

  @IsOptional()
  @IsIn(Object.values(TOPICS))
  topic?: Topic;
}

export class DiscardDeadLetterDto {
  @OneLine(500)
  reason: string;
}

export class DeadLetterSummaryDto {
  id: string;
  @ApiProperty({ enum: DEAD_LETTER_STATUSES, enumName: 'DeadLetterStatus' })
  status: DeadLetterStatus;

  /** The listener group that gave it up. */
  group: string | null;

  topic: string;
  eventId: string | null;
  eventType: string | null;
  orderId: string | null;
  error: string;

  /** When the group gave it up. */
  failedAt: string;

  /** When it was listed here. */
  receivedAt: string;

  /** Who redrove or discarded it. */
  decidedBy: string | null;

  decidedAt: string | null;
  discardReason: string | null;
  redrivenAt: string | null;

  static of(letter: DeadLetterSummary): DeadLetterSummaryDto {
    return Object.assign(new DeadLetterSummaryDto(), {
      id: letter.id,
      status: letter.status,
      group: letter.listenerGroup,
      topic: letter.topic,
      eventId: letter.eventId,
      eventType: letter.eventType,
      orderId: letter.orderId,
      error: letter.error,
      failedAt: letter.failedAt.toISOString(),
      receivedAt: letter.receivedAt.toISOString(),
      decidedBy: letter.decidedBy,
      decidedAt: letter.decidedAt?.toISOString() ?? null,
      discardReason: letter.discardReason,
      redrivenAt: letter.redrivenAt?.toISOString() ?? null,
    });
  }
}

export class DeadLetterHeaderDto {
  name: string;
  value: string;

  static of(headers: StoredHeaders): DeadLetterHeaderDto[] {
    return headers.map(([name, value]) => ({ name, value: Buffer.from(value, 'base64').toString('utf8') }));
  }
}

export class DeadLetterDto extends DeadLetterSummaryDto {
  /** Where the group had read it. */
  partition: number | null;

  offset: string | null;
  key: string | null;

  /** The message as text; null when it is none. */
  value: string | null;

  /** The message as it is, in base64. */
  valueBase64: string | null;

  headers: DeadLetterHeaderDto[];
  stack: string;

  /** Tries to send it again. */
  tries: number;

  /** Why the last of them failed. */
  lastError: string | null;

  static override of(letter: DeadLetterRecord): DeadLetterDto {
    return Object.assign(new DeadLetterDto(), DeadLetterSummaryDto.of(letter), {
      partition: letter.partition,
      offset: letter.offset,
      key: textOf(letter.key),
      value: textOf(letter.value),
      valueBase64: letter.value?.toString('base64') ?? null,
      headers: DeadLetterHeaderDto.of(letter.headers),
      stack: letter.stack,
      tries: letter.tries,
      lastError: letter.lastError,
    });
  }
}

export class DeadLetterListDto {
  items: DeadLetterSummaryDto[];
  page: CursorPageDto;
}
