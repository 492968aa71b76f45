import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Public } from '../http/access.decorators';
import { UuidParam } from '../http/uuid.param';
import { CategoriesService } from './categories.service';
import { ConditionalGet } from './conditional-get.interceptor';
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
@UseInterceptors(ConditionalGet)
@Controller('v1')
export class ProductsController {
  constructor(
    private readonly products: ProductsService,
    private readonly categories: CategoriesService,
  ) {}

  /** The catalogue, or one category and all below it, page by page. */
  @Get('products')
  async list(@Query() query: ListProductsDto): Promise<ProductPageDto> {
    const paging = PageQueryDto.paging(query);
    const category = query.category?.toLowerCase() ?? null;
    return ProductPageDto.of(await this.products.list(category, query.sort ?? 'name', paging), paging);
  }

  /** By words, category, price and stock; the best match first. */
  @Get('products/search')
  async search(@Query() query: SearchProductsDto): Promise<ProductPageDto> {
    const paging = PageQueryDto.paging(query);
    const found = await this.products.search(SearchProductsDto.filter(query), query.sort ?? 'relevance', paging);
    return ProductPageDto.of(found, paging);
  }

  @Get('products/:id')
  async get(@UuidParam('id') id: string): Promise<ProductDto> {
    return ProductDto.of(await this.products.get(id));
  }

  /** The whole tree of categories. */
  @Get('categories')
  async tree(): Promise<CategoryTreeDto> {
    return CategoryTreeDto.of(await this.categories.tree());
  }
}
