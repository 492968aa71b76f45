import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../http/access.decorators';
import { RateLimit } from '../http/rate-limit/rate-limit.decorator';
import { answerOf, conditionally } from '../http/ready-answer';
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
@RateLimit('catalogue')
@Controller('v1/products')
export class SearchController {
  constructor(private readonly searching: SearchService) {}

  /**
   * Search products
   * @remarks By words, category, price and stock; the best match first.
   */
  @Get('search')
  @ApiOkResponse({ type: SearchPageDto })
  async search(@Query() query: SearchProductsDto, @Res({ passthrough: true }) reply: FastifyReply) {
    const { sort = 'relevance' } = query;
    const answer = await this.searching.search(SearchProductsDto.filter(query), sort, PageQueryDto.paging(query));
    return conditionally(reply, answer);
  }

  /**
   * Suggest while typing
   * @remarks Searches, categories and products for what is typed so far.
   */
  @Get('suggestions')
  @ApiOkResponse({ type: SuggestionsDto })
  async suggestions(@Query() query: SuggestionsQueryDto, @Res({ passthrough: true }) reply: FastifyReply) {
    const found = SuggestionsDto.of(await this.searching.suggest(SuggestionsQueryDto.text(query)));
    return conditionally(reply, answerOf(JSON.stringify(found)));
  }
}
