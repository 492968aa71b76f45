import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { ReadyAnswer } from '../http/ready-answer';
import { placeOfSearch } from '../products/catalogue-cache.service';
import { CataloguePages, pageText } from '../products/catalogue-pages.service';
import type { Paging, ProductFilter, SearchRecords, SearchSort } from '../products/products.service';
import { FoundProductDto, SearchPageDto } from './dto/search-page.dto';
import { SearchRepository } from './search.repository';
import { corrected, plain, splitLastWord } from './search-text.mapper';
import type { Suggestions } from './search.types';

/** With fewer found, what was typed may be misspelt. */
const LITTLE = 3;

const QUERIES = 6;
const CATEGORIES = 4;
const PRODUCTS = 6;

const ANYTHING: Omit<ProductFilter, 'text'> = { categoryId: null, minPrice: null, maxPrice: null, inStock: null };

/** Finding what is on sale. Everything is found, counted and ordered by PostgreSQL; see `search.queries.ts`. */
@Injectable()
export class SearchService {
  constructor(
    @InjectDataSource('products') private readonly source: DataSource,
    private readonly repository: SearchRepository,
    private readonly pages: CataloguePages,
  ) {}

  /** `SearchPageDto` as it is cached, with its products' stock. */
  search(filter: ProductFilter, sort: SearchSort, paging: Paging): Promise<ReadyAnswer> {
    const load = async () => {
      const found = await this.find(filter, sort, paging);
      const items = found.items.map((item) => FoundProductDto.withoutStock(item));
      return pageText(items, SearchPageDto.withoutItems(found, paging));
    };
    return this.pages.answer(placeOfSearch(filter, sort, paging), load);
  }

  /** What someone who has typed this far may be after. */
  async suggest(text: string): Promise<Suggestions> {
    const { head, last } = splitLastWord(text);
    const words = last === '' ? [] : await this.repository.completions(this.source, last, QUERIES);
    const [categories, { words: query }] = await Promise.all([
      this.repository.categories(this.source, plain(text), CATEGORIES),
      this.repository.understand(this.source, { ...ANYTHING, text }),
    ]);
    const products = await this.repository.products(this.source, query, text, PRODUCTS);
    return { queries: words.map((word) => `${plain(head)}${word}`), categories, products };
  }

  private async find(filter: ProductFilter, sort: SearchSort, paging: Paging): Promise<SearchRecords> {
    const found = await this.findExactly(filter, sort, paging);
    const { text } = filter;
    if (text === null || found.total >= LITTLE) return found;
    const corrections = await this.repository.corrections(this.source, text);
    if (corrections.size === 0) return found;
    const meant = corrected(text, corrections);
    if (found.total > 0) return { ...found, didYouMean: { text: meant, applied: false } };
    const instead = await this.findExactly({ ...filter, text: meant }, sort, paging);
    return instead.total === 0 ? found : { ...instead, didYouMean: { text: meant, applied: true } };
  }

  /** Without words nothing is more relevant than another: by name. */
  private async findExactly(filter: ProductFilter, sort: SearchSort, paging: Paging): Promise<SearchRecords> {
    const understood = await this.repository.understand(this.source, filter);
    const order = filter.text === null && sort === 'relevance' ? 'name' : sort;
    return this.repository.search(this.source, { filter, understood, sort: order }, paging);
  }
}
