import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CursorQuery } from '../common/pagination.dto';
import { CurrentUser, readsAllOrders, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { linkNext } from '../http/link.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { CancelOrderDto, OrderDto, OrderListDto, OrderSummaryDto } from './dto/order.dto';
import { OrderReadingService } from './order-reading.service';
import { OrdersService } from './orders.service';

@ApiTags('orders')
@RequirePermission('own:orders')
@Controller('v1/orders')
export class OrdersController {
  constructor(
    private readonly reading: OrderReadingService,
    private readonly orders: OrdersService,
  ) {}

  /**
   * List the own orders
   * @remarks Newest first, live and archived alike.
   */
  @Get()
  async list(
    @CurrentUser() user: SignedInUser,
    @Query() query: CursorQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderListDto> {
    const { items, page } = await this.reading.ofUser(user.userId, query);
    linkNext(reply, page);
    return { items: items.map((order) => OrderSummaryDto.of(order)), page };
  }

  /**
   * Read an order
   * @remarks One of the customer's own; staff may read any.
   */
  @Get(':id')
  @Problems('order.not_found')
  async get(@CurrentUser() user: SignedInUser, @UuidParam('id') id: string): Promise<OrderDto> {
    return OrderDto.of(await this.reading.get(id, readsAllOrders(user) ? null : user.userId));
  }

  /**
   * Cancel an order
   * @remarks One that is not shipped yet; its money and its stock come back.
   */
  @Post(':id/cancel')
  @HttpCode(200)
  @Problems('order.not_found', 'order.cannot_be_cancelled')
  async cancel(
    @CurrentUser() user: SignedInUser,
    @UuidParam('id') id: string,
    @Body() body: CancelOrderDto = {},
  ): Promise<OrderDto> {
    return OrderDto.of(await this.orders.cancel(id, { userId: user.userId }, body?.reason));
  }
}
