import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { linkNext } from '../http/link.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { DeliveriesService } from './deliveries.service';
import {
  DeliveryDto,
  DeliveryListDto,
  ListDeliveriesQuery,
  LoggedDeliveryDto,
  ReplayedDto,
  ReplayFailedDto,
} from './dto/delivery.dto';

@ApiTags('admin: webhooks')
@RequirePermission('webhooks:write')
@Controller('v1/admin/webhooks/:id')
export class DeliveriesAdminController {
  constructor(private readonly deliveries: DeliveriesService) {}

  /**
   * List the deliveries of a webhook
   * @remarks What was to be sent there, newest first; kept for 30 days.
   */
  @Get('deliveries')
  @RequirePermission('webhooks:read')
  @Problems('webhook.not_found')
  async list(
    @UuidParam('id') id: string,
    @Query() query: ListDeliveriesQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeliveryListDto> {
    const { items, page } = await this.deliveries.list(id, query.status ?? null, query);
    linkNext(reply, page);
    return { items: items.map((item) => DeliveryDto.of(item)), page };
  }

  /**
   * Read a delivery
   * @remarks With its body and each try.
   */
  @Get('deliveries/:deliveryId')
  @RequirePermission('webhooks:read')
  @Problems('webhook.not_found', 'webhook.delivery_not_found')
  async get(@UuidParam('id') id: string, @UuidParam('deliveryId') deliveryId: string): Promise<LoggedDeliveryDto> {
    return LoggedDeliveryDto.logged(await this.deliveries.get(id, deliveryId));
  }

  /**
   * Send a test event
   * @remarks Sends a `webhook.test` event, whatever the webhook listens to.
   */
  @Post('test')
  @HttpCode(202)
  @Problems('webhook.not_found', 'webhook.disabled')
  async sendTest(@UuidParam('id') id: string, @CurrentUser() user: SignedInUser): Promise<DeliveryDto> {
    return DeliveryDto.of(await this.deliveries.sendTest(id, user.userId));
  }

  /**
   * Send a delivery again
   * @remarks Under the same `webhook-id`, however it ended.
   */
  @Post('deliveries/:deliveryId/replay')
  @HttpCode(202)
  @Problems('webhook.not_found', 'webhook.delivery_not_found', 'webhook.disabled')
  async replay(
    @UuidParam('id') id: string,
    @UuidParam('deliveryId') deliveryId: string,
    @CurrentUser() user: SignedInUser,
  ): Promise<DeliveryDto> {
    return DeliveryDto.of(await this.deliveries.replay(id, deliveryId, user.userId));
  }

  /**
   * Send failed deliveries again
   * @remarks All that failed since a time, a thousand at once.
   */
  @Post('replay-failed')
  @HttpCode(202)
  @Problems('webhook.not_found', 'webhook.disabled')
  async replayFailed(
    @UuidParam('id') id: string,
    @Body() { since }: ReplayFailedDto,
    @CurrentUser() user: SignedInUser,
  ): Promise<ReplayedDto> {
    return this.deliveries.replayFailed(id, new Date(since), user.userId);
  }
}
