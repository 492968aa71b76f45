import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Public } from '../http/access.decorators';
import { ConditionalGet } from '../http/conditional-get.interceptor';
import { PageQueryDto } from '../products/dto/product-queries.dto';
import { SearchPageDto } from './dto/search-page.dto';
import { SearchProductsDto } from './dto/search-query.dto';
import { SuggestionsDto, SuggestionsQueryDto } from './dto/suggestions.dto';
import { SearchService } from './search.service';

@ApiTags('catalogue')
@ApiHeader({
  name: 'If-None-Match',
  required: false,
  description: 'The ETag of an answer you have: 304 if it is still so',
})
@Public()
@UseInterceptors(ConditionalGet)
@Controller('v1/products')
export class SearchController {
  constructor(private readonly searching: SearchService) {}

  /** By words, category, price and stock; the best match first. */
  @Get('search')
  async search(@Query() query: SearchProductsDto): Promise<SearchPageDto> {
    const paging = PageQueryDto.paging(query);
    const filter = SearchProductsDto.filter(query);
    return SearchPageDto.of(await this.searching.search(filter, query.sort ?? 'relevance', paging), paging);
  }

  /** Searches, categories and products for what is typed so far. */
  @Get('suggestions')
  async suggestions(@Query() query: SuggestionsQueryDto): Promise<SuggestionsDto> {
    return SuggestionsDto.of(await this.searching.suggest(SuggestionsQueryDto.text(query)));
  }
}
