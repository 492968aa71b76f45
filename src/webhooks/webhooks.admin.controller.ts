import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CursorQuery } from '../common/pagination.dto';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import {
  ApiIfMatch,
  OptionalIfMatch,
  RequiredIfMatch,
  tellVersion,
  type MatchedVersions,
} from '../http/if-match.header';
import { linkNext } from '../http/link.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { EditWebhookDto, NewWebhookDto, WebhookDto, WebhookListDto, WebhookWithSecretDto } from './dto/webhook.dto';
import { EndpointsService, type WithSecret } from './endpoints.service';
import type { EndpointRecord } from './webhooks.types';

function answer(reply: FastifyReply, endpoint: EndpointRecord): WebhookDto {
  tellVersion(reply, endpoint.version);
  return WebhookDto.of(endpoint);
}

function answerOnce(reply: FastifyReply, { endpoint, secret }: WithSecret): WebhookWithSecretDto {
  tellVersion(reply, endpoint.version);
  return WebhookWithSecretDto.withSecret(endpoint, secret);
}

@ApiTags('admin: webhooks')
@RequirePermission('webhooks:write')
@Controller('v1/admin/webhooks')
export class WebhooksAdminController {
  constructor(private readonly endpoints: EndpointsService) {}

  /**
   * List webhooks
   * @remarks Newest first; none tells its secret.
   */
  @Get()
  @RequirePermission('webhooks:read')
  async list(@Query() query: CursorQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<WebhookListDto> {
    const { items, page } = await this.endpoints.list(query);
    linkNext(reply, page);
    return { items: items.map((item) => WebhookDto.of(item)), page };
  }

  /**
   * Read a webhook
   * @remarks Its ETag is the row's version.
   */
  @Get(':id')
  @RequirePermission('webhooks:read')
  @Problems('webhook.not_found')
  async get(@UuidParam('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<WebhookDto> {
    return answer(reply, await this.endpoints.get(id));
  }

  /**
   * Add a webhook
   * @remarks Events of these types are sent there from `listensFrom` on, signed by the secret in this answer. It takes no Idempotency-Key: an answer kept for it would keep the secret.
   */
  @Post()
  @Header('Cache-Control', 'no-store')
  @Problems('webhook.url_refused')
  async create(
    @Body() { url, description = '', eventTypes }: NewWebhookDto,
    @CurrentUser() user: SignedInUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookWithSecretDto> {
    return answerOnce(reply, await this.endpoints.create({ url, description, eventTypes }, user.userId));
  }

  /**
   * Change a webhook
   * @remarks Changes what is given, if it still is what you saw.
   */
  @Patch(':id')
  @ApiIfMatch(true)
  @Problems('webhook.not_found', 'webhook.url_refused')
  async edit(
    @UuidParam('id') id: string,
    @RequiredIfMatch() match: MatchedVersions,
    @Body() body: EditWebhookDto,
    @CurrentUser() user: SignedInUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookDto> {
    return answer(reply, await this.endpoints.edit(id, EditWebhookDto.change(body), match, user.userId));
  }

  /**
   * Remove a webhook
   * @remarks Nothing is sent there any more, and what was sent is forgotten.
   */
  @Delete(':id')
  @HttpCode(204)
  @ApiIfMatch(false)
  @Problems('webhook.not_found')
  async remove(
    @UuidParam('id') id: string,
    @OptionalIfMatch() match: MatchedVersions,
    @CurrentUser() user: SignedInUser,
  ): Promise<void> {
    await this.endpoints.remove(id, match, user.userId);
  }

  /**
   * Rotate the secret
   * @remarks A new one, in this answer alone; for 24 hours messages are signed with the one before as well.
   */
  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Problems('webhook.not_found')
  async rotateSecret(
    @UuidParam('id') id: string,
    @CurrentUser() user: SignedInUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookWithSecretDto> {
    return answerOnce(reply, await this.endpoints.rotateSecret(id, user.userId));
  }
}
