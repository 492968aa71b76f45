import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Res, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OpenToGuests, RequirePermission } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  OptionalIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { CartOwnerGuard, CurrentCart } from './cart-owner.guard';
import { CartTokenInterceptor } from './cart-token.interceptor';
import { CartService } from './cart.service';
import type { CartOwner } from './cart.types';
import { AddItemDto, CartDto, SetQuantityDto } from './dto/cart.dto';

/** A bearer token names the customer's cart, `X-Cart-Token` a guest's; with both the customer's is meant. */
@ApiTags('cart')
@RequirePermission('own:cart')
@Controller('v1/cart')
@OpenToGuests('known')
@UseGuards(CartOwnerGuard)
@UseInterceptors(CartTokenInterceptor)
export class CartController {
  constructor(private readonly carts: CartService) {}

  /**
   * Read the cart
   * @remarks With today's prices and stock; `changes` says what is not as it was seen.
   */
  @Get()
  get(@CurrentCart() owner: CartOwner): Promise<CartDto> {
    return this.carts.view(owner);
  }

  /**
   * Add to the cart
   * @remarks Adds to what is in the cart already. Without any token it makes a guest's cart, whose token is in the
   * answer's `X-Cart-Token`; there an `Idempotency-Key` counts from the second request on.
   */
  @Post('items')
  @OpenToGuests('new')
  @HttpCode(200)
  @ApiIdempotencyKey(false)
  @Problems('product.not_found', 'cart.too_many_items', 'cart.quantity_too_high')
  async add(
    @CurrentCart() owner: CartOwner,
    @Body() body: AddItemDto,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CartDto> {
    return tellReplayed(reply, await this.carts.add(owner, body, key));
  }

  /**
   * Set the quantity of a line
   * @remarks Sets it, whatever it was; the price counts as seen.
   */
  @Patch('items/:productId')
  @Problems('cart.item_not_found')
  setQuantity(
    @CurrentCart() owner: CartOwner,
    @UuidParam('productId') productId: string,
    @Body() body: SetQuantityDto,
  ): Promise<CartDto> {
    return this.carts.setQuantity(owner, { productId, quantity: body.quantity });
  }

  /**
   * Remove a line
   * @remarks The product's whole line; answers with what is left.
   */
  @Delete('items/:productId')
  @Problems('cart.item_not_found')
  remove(@CurrentCart() owner: CartOwner, @UuidParam('productId') productId: string): Promise<CartDto> {
    return this.carts.remove(owner, productId);
  }

  /**
   * Empty the cart
   * @remarks All its lines; the cart and its token stay.
   */
  @Delete()
  clear(@CurrentCart() owner: CartOwner): Promise<CartDto> {
    return this.carts.clear(owner);
  }
}
