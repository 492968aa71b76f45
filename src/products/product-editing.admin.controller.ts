import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
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
import {
  EditedProductDto,
  EditedProductsDto,
  EditProductDto,
  ListEditedProductsQuery,
  PriceHistoryDto,
} from './dto/product-editing.dto';
import { ProductEditingService, type EditedProduct } from './product-editing.service';

function answer(reply: FastifyReply, product: EditedProduct): EditedProductDto {
  tellVersion(reply, product.version);
  return EditedProductDto.of(product);
}

@ApiTags('admin: catalogue')
@RequirePermission('catalogue:write')
@Controller('v1/admin/products')
export class ProductEditingAdminController {
  constructor(private readonly editing: ProductEditingService) {}

  /**
   * List products for editing
   * @remarks Newest first; those on sale unless others are asked for.
   */
  @Get()
  @RequirePermission('catalogue:read')
  async list(
    @Query() query: ListEditedProductsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EditedProductsDto> {
    const { items, page } = await this.editing.list(ListEditedProductsQuery.filter(query), query);
    linkNext(reply, page);
    return { items: items.map((item) => EditedProductDto.of(item)), page };
  }

  /**
   * Read a product for editing
   * @remarks On sale or not; its ETag is the row's version.
   */
  @Get(':id')
  @Problems('product.not_found')
  @RequirePermission('catalogue:read')
  async get(@UuidParam('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<EditedProductDto> {
    return answer(reply, await this.editing.get(id));
  }

  /**
   * Change a product
   * @remarks Changes what is given, if it still is what you saw.
   */
  @Patch(':id')
  @ApiIfMatch(true)
  @Problems(
    'product.not_found',
    'category.not_found',
    'product.sku_taken',
    'slug_taken',
    'product.deleted',
    'product.has_images',
  )
  async edit(
    @UuidParam('id') id: string,
    @RequiredIfMatch() match: MatchedVersions,
    @Body() body: EditProductDto,
    @CurrentUser() user: SignedInUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EditedProductDto> {
    return answer(reply, await this.editing.edit(id, EditProductDto.change(body), match, user.userId));
  }

  /**
   * Take a product off sale
   * @remarks Its orders, holds, ledger and SKU stay its own.
   */
  @Delete(':id')
  @HttpCode(204)
  @ApiIfMatch(false)
  @Problems('product.not_found')
  async remove(
    @UuidParam('id') id: string,
    @OptionalIfMatch() match: MatchedVersions,
    @CurrentUser() user: SignedInUser,
  ): Promise<void> {
    await this.editing.remove(id, match, user.userId);
  }

  /**
   * Put a product back on sale
   * @remarks As it was when it was taken off.
   */
  @Post(':id/restore')
  @HttpCode(200)
  @ApiIfMatch(false)
  @Problems('product.not_found')
  async restore(
    @UuidParam('id') id: string,
    @OptionalIfMatch() match: MatchedVersions,
    @CurrentUser() user: SignedInUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EditedProductDto> {
    return answer(reply, await this.editing.restore(id, match, user.userId));
  }

  /**
   * List the prices of a product
   * @remarks Each price from the first on, newest first, and the lowest of the last 30 days.
   */
  @Get(':id/price-history')
  @Problems('product.not_found')
  @RequirePermission('catalogue:read')
  async prices(
    @UuidParam('id') id: string,
    @Query() query: CursorQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PriceHistoryDto> {
    const history = await this.editing.prices(id, query);
    linkNext(reply, history.page);
    return PriceHistoryDto.of(history);
  }
}
