import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { CursorPageDto, CursorQuery } from '../../common/pagination.dto';
import { Instant } from '../../http/field.decorators';
import type { LoggedDelivery } from '../deliveries.service';
import {
  DELIVERY_STATUSES,
  OUTCOMES,
  type AttemptRecord,
  type DeliveryRecord,
  type DeliveryStatus,
  type Outcome,
} from '../webhooks.types';

export class ListDeliveriesQuery extends CursorQuery {
  @IsOptional()
  @IsIn(DELIVERY_STATUSES)
  @ApiPropertyOptional({ enum: DELIVERY_STATUSES, enumName: 'DeliveryStatus' })
  status?: DeliveryStatus;
}

export class ReplayFailedDto {
  /** What was to be sent since then and failed is sent again. */
  @Instant()
  @ApiProperty({ format: 'date-time', examples: ['2026-03-14T09:26:53.589Z'] })
  since: string;
}

export class ReplayedDto {
  replayed: number;

  /** There are more: ask again. */
  more: boolean;
}

export class DeliveryDto {
  id: string;

  /** The event, and the `webhook-id` of each try. */
  messageId: string;

  eventType: string;

  @ApiProperty({ enum: DELIVERY_STATUSES, enumName: 'DeliveryStatus' })
  status: DeliveryStatus;

  /** Tries begun since it was asked for the last time. */
  tries: number;

  /** Null when it is over. */
  nextTryAt: string | null;

  lastStatus: number | null;
  lastError: string | null;
  lastDurationMs: number | null;
  deliveredAt: string | null;
  createdAt: string;

  static of(delivery: DeliveryRecord): DeliveryDto {
    return Object.assign(new DeliveryDto(), {
      id: delivery.id,
      messageId: delivery.eventId,
      eventType: delivery.eventType,
      status: delivery.status,
      tries: delivery.tries,
      nextTryAt: delivery.status === 'pending' ? delivery.nextTryAt.toISOString() : null,
      lastStatus: delivery.lastStatus,
      lastError: delivery.lastError,
      lastDurationMs: delivery.lastDurationMs,
      deliveredAt: delivery.deliveredAt?.toISOString() ?? null,
      createdAt: delivery.createdAt.toISOString(),
    });
  }
}

export class DeliveryListDto {
  items: DeliveryDto[];
  page: CursorPageDto;
}

export class AttemptDto {
  @ApiProperty({ enum: OUTCOMES, enumName: 'AttemptOutcome' })
  outcome: Outcome;

  /** Null when there was no answer. */
  status: number | null;

  error: string | null;

  /** The beginning of what the receiver answered. */
  response: string | null;

  durationMs: number;
  endedAt: string;

  static of({ endedAt, ...attempt }: AttemptRecord): AttemptDto {
    return Object.assign(new AttemptDto(), attempt, { endedAt: endedAt.toISOString() });
  }
}

export class LoggedDeliveryDto extends DeliveryDto {
  /** The body as it is sent. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  payload: Readonly<Record<string, unknown>>;

  /** Each try that came to an end, in order. */
  attempts: AttemptDto[];

  static logged({ delivery, payload, attempts }: LoggedDelivery): LoggedDeliveryDto {
    return Object.assign(new LoggedDeliveryDto(), DeliveryDto.of(delivery), {
      payload,
      attempts: attempts.map((attempt) => AttemptDto.of(attempt)),
    });
  }
}
