import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, type SignedInUser } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  OptionalIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
import { UuidParam } from '../http/uuid.param';
import { CartService } from './cart.service';
import { AddItemDto, CartDto, SetQuantityDto } from './dto/cart.dto';

@ApiTags('cart')
@Controller('v1/cart')
export class CartController {
  constructor(private readonly carts: CartService) {}

  @Get()
  get(@CurrentUser() user: SignedInUser): Promise<CartDto> {
    return this.carts.view(user.userId);
  }

  /** Adds to what is in the cart already. */
  @Post('items')
  @HttpCode(200)
  @ApiIdempotencyKey(false)
  async add(
    @CurrentUser() user: SignedInUser,
    @Body() body: AddItemDto,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CartDto> {
    return tellReplayed(reply, await this.carts.add(user.userId, body, key));
  }

  @Patch('items/:productId')
  setQuantity(
    @CurrentUser() user: SignedInUser,
    @UuidParam('productId') productId: string,
    @Body() body: SetQuantityDto,
  ): Promise<CartDto> {
    return this.carts.setQuantity(user.userId, { productId, quantity: body.quantity });
  }

  @Delete('items/:productId')
  remove(@CurrentUser() user: SignedInUser, @UuidParam('productId') productId: string): Promise<CartDto> {
    return this.carts.remove(user.userId, productId);
  }

  /** Empties the cart. */
  @Delete()
  clear(@CurrentUser() user: SignedInUser): Promise<CartDto> {
    return this.carts.clear(user.userId);
  }
}
