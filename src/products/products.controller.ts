import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../http/access.decorators';
import { Problems } from '../http/problems.decorator';
import { RateLimit } from '../http/rate-limit/rate-limit.decorator';
import { conditionally } from '../http/ready-answer';
import { UuidParam } from '../http/uuid.param';
import { CategoriesService } from './categories.service';
import { CategoryPageDto, CategoryTreeDto } from './dto/category.dto';
import { ListProductsDto, PageQueryDto } from './dto/product-queries.dto';
import { ProductDetailDto, ProductPageDto, RelatedProductsDto } from './dto/product.dto';
import { ProductsService } from './products.service';

@ApiTags('catalogue')
@ApiHeader({
  name: 'If-None-Match',
  required: false,
  description: 'The ETag of an answer you have: 304 if it is still so',
})
@Public()
@RateLimit('catalogue')
@Controller('v1')
export class ProductsController {
  constructor(
    private readonly products: ProductsService,
    private readonly categories: CategoriesService,
  ) {}

  /**
   * List products
   * @remarks The catalogue, or one category and all below it, page by page.
   */
  @Get('products')
  @ApiOkResponse({ type: ProductPageDto })
  async list(@Query() query: ListProductsDto, @Res({ passthrough: true }) reply: FastifyReply) {
    const category = query.category?.toLowerCase() ?? null;
    const answer = await this.products.list(category, query.sort ?? 'name', PageQueryDto.paging(query));
    return conditionally(reply, answer);
  }

  /**
   * Read a product by its slug
   * @remarks By its address in the shop; the same as by its id.
   */
  @Get('products/by-slug/:slug')
  @ApiOkResponse({ type: ProductDetailDto })
  @Problems('product.not_found')
  async getBySlug(@Param('slug') slug: string, @Res({ passthrough: true }) reply: FastifyReply) {
    return conditionally(reply, await this.products.getBySlug(slug));
  }

  /**
   * Read a product
   * @remarks With its images, its place in the tree and what can be had of it.
   */
  @Get('products/:id')
  @ApiOkResponse({ type: ProductDetailDto })
  @Problems('product.not_found')
  async get(@UuidParam('id') id: string, @Res({ passthrough: true }) reply: FastifyReply) {
    return conditionally(reply, await this.products.get(id));
  }

  /**
   * List related products
   * @remarks Others of its category that cost about as much, eight at most.
   */
  @Get('products/:id/related')
  @ApiOkResponse({ type: RelatedProductsDto })
  @Problems('product.not_found')
  async related(@UuidParam('id') id: string, @Res({ passthrough: true }) reply: FastifyReply) {
    return conditionally(reply, await this.products.related(id));
  }

  /**
   * Read the tree of categories
   * @remarks The whole of it, each with what hangs below.
   */
  @Get('categories')
  @ApiOkResponse({ type: CategoryTreeDto })
  async tree(@Res({ passthrough: true }) reply: FastifyReply) {
    return conditionally(reply, await this.categories.tree());
  }

  /**
   * Read a category
   * @remarks Where it hangs, what hangs below it, and how much is on sale.
   */
  @Get('categories/:id')
  @ApiOkResponse({ type: CategoryPageDto })
  @Problems('category.not_found')
  async category(@UuidParam('id') id: string, @Res({ passthrough: true }) reply: FastifyReply) {
    return conditionally(reply, await this.categories.get(id));
  }

  /**
   * Read a category by its slug
   * @remarks The same as by its id.
   */
  @Get('categories/by-slug/:slug')
  @ApiOkResponse({ type: CategoryPageDto })
  @Problems('category.not_found')
  async categoryBySlug(@Param('slug') slug: string, @Res({ passthrough: true }) reply: FastifyReply) {
    return conditionally(reply, await this.categories.getBySlug(slug));
  }
}
