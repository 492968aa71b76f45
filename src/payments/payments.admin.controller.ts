import { Body, Controller, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { MoneyDto } from '../common/money.dto';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  RequiredIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { CreateRefundDto, RefundDto } from './dto/refund.dto';
import { RefundService } from './refund.service';

@ApiTags('admin: orders')
@RequirePermission('refunds:write')
@Controller('v1/admin/orders')
export class PaymentsAdminController {
  constructor(private readonly refunds: RefundService) {}

  /**
   * Refund a payment
   * @remarks Gives money back, in part or all that is left. The provider is asked in the background.
   */
  @Post(':id/refund')
  @ApiIdempotencyKey(true)
  @Problems('order.not_found', 'refund.exceeds_payment')
  async refund(
    @UuidParam('id') id: string,
    @Body() body: CreateRefundDto,
    @RequiredIdempotencyKey() key: IdempotentRequest,
    @CurrentUser() user: SignedInUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RefundDto> {
    const amount = body.amount ? MoneyDto.minorUnits(body.amount) : null;
    return tellReplayed(
      reply,
      await this.refunds.request(id, { amount, reason: body.reason, staffId: user.userId }, key),
    );
  }
}
