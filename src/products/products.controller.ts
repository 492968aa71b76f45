import { Controller, Get, Param, Query, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Public } from '../http/access.decorators';
import { UuidParam } from '../http/uuid.param';
import { CategoriesService } from './categories.service';
import { ConditionalGet } from '../http/conditional-get.interceptor';
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

  @Get('products/by-slug/:slug')
  async getBySlug(@Param('slug') slug: string): Promise<ProductDetailDto> {
    return ProductDetailDto.of(await this.products.getBySlug(slug));
  }

  @Get('products/:id')
  async get(@UuidParam('id') id: string): Promise<ProductDetailDto> {
    return ProductDetailDto.of(await this.products.get(id));
  }

  /** Others of its category that cost about as much, eight at most. */
  @Get('products/:id/related')
  async related(@UuidParam('id') id: string): Promise<RelatedProductsDto> {
    return RelatedProductsDto.of(await this.products.related(id));
  }

  /** The whole tree of categories. */
  @Get('categories')
  async tree(): Promise<CategoryTreeDto> {
    return CategoryTreeDto.of(await this.categories.tree());
  }

  /** One category: where it hangs, what hangs below it, and how much is on sale. */
  @Get('categories/:id')
  async category(@UuidParam('id') id: string): Promise<CategoryPageDto> {
    return CategoryPageDto.of(await this.categories.get(id));
  }

  @Get('categories/by-slug/:slug')
  async categoryBySlug(@Param('slug') slug: string): Promise<CategoryPageDto> {
    return CategoryPageDto.of(await this.categories.getBySlug(slug));
  }
}
