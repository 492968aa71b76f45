import { Body, Controller, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { MoneyDto } from '../common/money.dto';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  OptionalIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
import { Problems } from '../http/problems.decorator';
import { NewProductDto } from './dto/new-product.dto';
import { ProductDetailDto } from './dto/product.dto';
import { ProductEntryService } from './product-entry.service';

@ApiTags('admin: catalogue')
@RequirePermission('catalogue:write')
@Controller('v1/admin/products')
export class ProductsAdminController {
  constructor(private readonly entry: ProductEntryService) {}

  /**
   * Add a product
   * @remarks In the catalogue at once, with no stock yet.
   */
  @Post()
  @ApiIdempotencyKey(false)
  @Problems('product.sku_taken', 'category.not_found')
  async create(
    @Body() body: NewProductDto,
    @CurrentUser() user: SignedInUser,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductDetailDto> {
    const { sku, name, description, categoryId } = body;
    const price = MoneyDto.minorUnits(body.price);
    const imageUrl = body.imageUrl ?? null;
    const entry = { sku, name, description, price, categoryId, imageUrl };
    return tellReplayed(reply, await this.entry.create(entry, user.userId, key));
  }
}
