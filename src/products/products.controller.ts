import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../http/access.decorators';
import { conditionally } from '../http/ready-answer';
import { UuidParam } from '../http/uuid.param';
import { CategoriesService } from './categories.service';
import { CategoryTreeDto } from './dto/category.dto';
import { ListProductsDto, PageQueryDto, SearchProductsDto } from './dto/product-queries.dto';
import { ProductDto, ProductPageDto } from './dto/product.dto';
import { ProductsService } from './products.service';

@ApiTags('catalogue')
@ApiHeader({
  name: 'If-None-Match',
  required: false,
  description: 'The ETag of an answer you have: 304 if it is still so',
})
@Public()
@Controller('v1')
export class ProductsController {
  constructor(
    private readonly products: ProductsService,
    private readonly categories: CategoriesService,
  ) {}

  /** The catalogue, or one category and all below it, page by page. */
  @Get('products')
  @ApiOkResponse({ type: ProductPageDto })
  async list(@Query() query: ListProductsDto, @Res({ passthrough: true }) reply: FastifyReply) {
    const category = query.category?.toLowerCase() ?? null;
    const answer = await this.products.list(category, query.sort ?? 'name', PageQueryDto.paging(query));
    return conditionally(reply, answer);
  }

  /** By words, category, price and stock; the best match first. */
  @Get('products/search')
  @ApiOkResponse({ type: ProductPageDto })
  async search(@Query() query: SearchProductsDto, @Res({ passthrough: true }) reply: FastifyReply) {
    const { sort = 'relevance' } = query;
    const answer = await this.products.search(SearchProductsDto.filter(query), sort, PageQueryDto.paging(query));
    return conditionally(reply, answer);
  }

  @Get('products/:id')
  @ApiOkResponse({ type: ProductDto })
  async get(@UuidParam('id') id: string, @Res({ passthrough: true }) reply: FastifyReply) {
    return conditionally(reply, await this.products.get(id));
  }

  /** The whole tree of categories. */
  @Get('categories')
  @ApiOkResponse({ type: CategoryTreeDto })
  async tree(@Res({ passthrough: true }) reply: FastifyReply) {
    return conditionally(reply, await this.categories.tree());
  }
}
