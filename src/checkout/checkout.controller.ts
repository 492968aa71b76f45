import { Body, Controller, Delete, Get, HttpCode, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  RequiredIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
import { UuidParam } from '../http/uuid.param';
import { OrderDto } from '../orders/dto/order.dto';
import { CheckoutService } from './checkout.service';
import { CheckoutDto, CreateCheckoutDto, PlaceOrderDto, SHIPPING_METHODS } from './dto/checkout.dto';
import { PlaceOrderService } from './place-order.service';

@ApiTags('checkout')
@RequirePermission('own:orders')
@Controller('v1')
export class CheckoutController {
  constructor(
    private readonly checkouts: CheckoutService,
    private readonly orders: PlaceOrderService,
  ) {}

  /** Prices the cart and holds its stock for ten minutes. */
  @Post('checkouts')
  @ApiIdempotencyKey(true)
  async create(
    @CurrentUser() user: SignedInUser,
    @Body() body: CreateCheckoutDto,
    @RequiredIdempotencyKey() key: IdempotentRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CheckoutDto> {
    const delivery = {
      shippingAddressId: body.shippingAddressId,
      shippingMethod: body.shippingMethod ?? SHIPPING_METHODS[0],
    };
    return tellReplayed(reply, await this.checkouts.create(user.userId, delivery, key));
  }

  @Get('checkouts/:id')
  get(@CurrentUser() user: SignedInUser, @UuidParam('id') id: string): Promise<CheckoutDto> {
    return this.checkouts.get(user.userId, id);
  }

  /** Gives the held stock back. */
  @Delete('checkouts/:id')
  @HttpCode(204)
  release(@CurrentUser() user: SignedInUser, @UuidParam('id') id: string): Promise<void> {
    return this.checkouts.release(user.userId, id);
  }

  /** Places the order; it is `pending` until its payment is decided. */
  @Post('orders')
  @ApiIdempotencyKey(true)
  async place(
    @CurrentUser() user: SignedInUser,
    @Body() body: PlaceOrderDto,
    @RequiredIdempotencyKey() key: IdempotentRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderDto> {
    return tellReplayed(reply, await this.orders.place(user.userId, body, key));
  }
}
