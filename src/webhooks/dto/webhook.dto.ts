import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { NoMarkup, Omittable, OneLine, Trimmed } from '../../http/field.decorators';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsString,
  MaxLength,
} from 'class-validator';
import { CursorPageDto } from '../../common/pagination.dto';
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from '../public-event.view';
import { DISABLED_REASONS, type DisabledReason, type EndpointChange, type EndpointRecord } from '../webhooks.types';

const MOST_URL = 2048;

export class NewWebhookDto {
  /** `https://` and a public address; redirects are not followed. */
  @Trimmed()
  @NoMarkup()
  @IsString()
  @MaxLength(MOST_URL)
  @ApiProperty({ format: 'uri', examples: ['https://erp.example.com/hooks/tradepost'] })
  url: string;

  @Omittable()
  @OneLine(500)
  description?: string;

  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(WEBHOOK_EVENT_TYPES.length)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENT_TYPES, { each: true })
  @ApiProperty({ enum: WEBHOOK_EVENT_TYPES, enumName: 'WebhookEventType', isArray: true })
  eventTypes: WebhookEventType[];
}

export class EditWebhookDto {
  @Omittable()
  @Trimmed()
  @NoMarkup()
  @IsString()
  @MaxLength(MOST_URL)
  @ApiPropertyOptional({ format: 'uri', examples: ['https://erp.example.com/hooks/tradepost'] })
  url?: string;

  @Omittable()
  @OneLine(500)
  description?: string;

  @Omittable()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(WEBHOOK_EVENT_TYPES.length)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENT_TYPES, { each: true })
  @ApiProperty({ enum: WEBHOOK_EVENT_TYPES, enumName: 'WebhookEventType', isArray: true, required: false })
  eventTypes?: WebhookEventType[];

  /** Nothing is sent while it is false; what waits is sent once it is true again. */
  @Omittable()
  @IsBoolean()
  enabled?: boolean;

  static change({ url, description, eventTypes, enabled }: EditWebhookDto): EndpointChange {
    return { url, description, eventTypes, enabled };
  }
}

export class WebhookDto {
  id: string;
  url: string;
  description: string;

  @ApiProperty({ enum: WEBHOOK_EVENT_TYPES, enumName: 'WebhookEventType', isArray: true })
  eventTypes: WebhookEventType[];

  enabled: boolean;

  /** What happens from then on is sent; what happened before is not. */
  listensFrom: string;

  /** Since then no try has succeeded; null while it works. */
  failingSince: string | null;

  disabledAt: string | null;

  /** Staff disabled it; its server answered 410; or it failed, or did not keep up, for three days. */
  @ApiProperty({ enum: DISABLED_REASONS, enumName: 'DisabledReason', nullable: true })
  disabledReason: DisabledReason | null;

  /** Until then messages are signed with the secret before the last rotation as well. */
  formerSecretUntil: string | null;

  version: number;
  createdAt: string;
  updatedAt: string;

  static of(endpoint: EndpointRecord): WebhookDto {
    return Object.assign(new WebhookDto(), {
      id: endpoint.id,
      url: endpoint.url,
      description: endpoint.description,
      eventTypes: endpoint.eventTypes,
      enabled: endpoint.disabledAt === null,
      listensFrom: endpoint.listensFrom.toISOString(),
      failingSince: endpoint.failingSince?.toISOString() ?? null,
      disabledAt: endpoint.disabledAt?.toISOString() ?? null,
      disabledReason: endpoint.disabledReason,
      formerSecretUntil: endpoint.formerSecretUntil?.toISOString() ?? null,
      version: endpoint.version,
      createdAt: endpoint.createdAt.toISOString(),
      updatedAt: endpoint.updatedAt.toISOString(),
    });
  }
}

export class WebhookWithSecretDto extends WebhookDto {
  /** Verifies the signatures (`whsec_` and base64). Shown this once. */
  secret: string;

  static withSecret(endpoint: EndpointRecord, secret: string): WebhookWithSecretDto {
    return Object.assign(new WebhookWithSecretDto(), WebhookDto.of(endpoint), { secret });
  }
}

export class WebhookListDto {
  items: WebhookDto[];
  page: CursorPageDto;
}
