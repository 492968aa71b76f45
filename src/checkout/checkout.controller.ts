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
import { Problems } from '../http/problems.decorator';
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

  /**
   * Check out
   * @remarks Prices the cart and holds its stock for ten minutes.
   */
  @Post('checkouts')
  @ApiIdempotencyKey(true)
  @Problems(
    'address.not_found',
    'checkout.cart_empty',
    'checkout.product_unavailable',
    'checkout.out_of_stock',
    'checkout.total_too_large',
  )
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

  /**
   * Read a checkout
   * @remarks One of the customer's own, with the time it ends.
   */
  @Get('checkouts/:id')
  @Problems('checkout.not_found')
  get(@CurrentUser() user: SignedInUser, @UuidParam('id') id: string): Promise<CheckoutDto> {
    return this.checkouts.get(user.userId, id);
  }

  /**
   * Give up a checkout
   * @remarks Its held stock is given back.
   */
  @Delete('checkouts/:id')
  @HttpCode(204)
  @Problems('checkout.not_found', 'checkout.used')
  release(@CurrentUser() user: SignedInUser, @UuidParam('id') id: string): Promise<void> {
    return this.checkouts.release(user.userId, id);
  }

  /**
   * Place the order
   * @remarks It is `pending` until its payment is decided.
   */
  @Post('orders')
  @ApiIdempotencyKey(true)
  @Problems(
    'checkout.not_found',
    'checkout.expired',
    'checkout.used',
    'checkout.total_changed',
    'checkout.out_of_stock',
    'order.cart_already_ordered',
    'payment.nothing_to_pay',
  )
  async place(
    @CurrentUser() user: SignedInUser,
    @Body() body: PlaceOrderDto,
    @RequiredIdempotencyKey() key: IdempotentRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderDto> {
    return tellReplayed(reply, await this.orders.place(user.userId, body, key));
  }
}
