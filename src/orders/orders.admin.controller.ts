import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { linkNext } from '../http/link.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { AdminOrderListDto, AdminOrderSummaryDto, CancelOrderDto, ListAllOrdersQuery, OrderDto } from './dto/order.dto';
import { OrderReadingService } from './order-reading.service';
import { OrdersService } from './orders.service';

@ApiTags('admin: orders')
@RequirePermission('orders:write')
@Controller('v1/admin/orders')
export class OrdersAdminController {
  constructor(
    private readonly reading: OrderReadingService,
    private readonly orders: OrdersService,
  ) {}

  /**
   * List all orders
   * @remarks Newest first.
   */
  @Get()
  @RequirePermission('orders:read')
  async list(
    @Query() query: ListAllOrdersQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AdminOrderListDto> {
    const { items, page } = await this.reading.all(query.status ?? null, query);
    linkNext(reply, page);
    return { items: items.map((order) => AdminOrderSummaryDto.of(order)), page };
  }

  /**
   * Cancel a customer's order
   * @remarks One that is not shipped yet; its money and its stock come back.
   */
  @Post(':id/cancel')
  @HttpCode(200)
  @Problems('order.not_found', 'order.cannot_be_cancelled')
  async cancel(
    @UuidParam('id') id: string,
    @CurrentUser() user: SignedInUser,
    @Body() body: CancelOrderDto = {},
  ): Promise<OrderDto> {
    return OrderDto.of(await this.orders.cancel(id, { staffId: user.userId }, body?.reason));
  }
}
