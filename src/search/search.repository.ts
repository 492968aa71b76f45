import { Injectable } from '@nestjs/common';
import { toAmount, toMinorUnits } from '../common/money';
import { sql, type Executor } from '../database/sql';
import { COMPLETE, COMPLETE_CATEGORIES, CORRECT, SUGGEST_PRODUCTS, UNDERSTAND } from './search-words.queries';
import { SEARCH, SEARCH_CATEGORY } from './search.queries';
import { splitLastWord } from './search-text.mapper';
import type {
  FacetRecords,
  Paging,
  ProductFilter,
  SearchRecords,
  SuggestedCategory,
  SuggestedProduct,
  Understood,
  Wanted,
} from './search.types';

interface FoundColumns {
  id: string;
  sku: string;
  slug: string;
  name: string;
  description: string;
  price: string;
  currency: string;
  category_id: string;
  category_name: string;
  image_url: string | null;
  created_at: Date;
  marked: string | null;
}

interface SummaryColumns {
  total: number;
  complete: boolean;
  /** On the first row alone. */
  facets: FacetRecords | null;
}

/** A page's row; all columns but the summary's are null when the page is beyond the end. */
type AnswerColumns = SummaryColumns & (FoundColumns | { id: null });

const NO_FACETS: FacetRecords = { categories: [], prices: [], inStock: 0, soldOut: 0 };

function amountOrNull(minorUnits: number | null): string | null {
  return minorUnits === null ? null : toAmount(minorUnits);
}

function isCategoryAlone({ text, categoryId, minPrice, maxPrice, inStock }: ProductFilter): boolean {
  return categoryId !== null && [text, minPrice, maxPrice, inStock].every((limit) => limit === null);
}

function toFound(row: FoundColumns): SearchRecords['items'][number] {
  return {
    id: row.id,
    sku: row.sku,
    slug: row.slug,
    name: row.name,
    description: row.description,
    price: toMinorUnits(row.price),
    currency: row.currency,
    category: { id: row.category_id, name: row.category_name },
    imageUrl: row.image_url,
    createdAt: row.created_at.toISOString(),
    marked: row.marked ?? row.name,
  };
}

/** Tables: product_search, search_words; reads products and categories for what it found. */
@Injectable()
export class SearchRepository {
  async understand(executor: Executor, { text, categoryId, minPrice, maxPrice }: ProductFilter): Promise<Understood> {
    const { head, last } = splitLastWord(text ?? '');
    const values = [text ?? '', head, last, categoryId, amountOrNull(minPrice), amountOrNull(maxPrice)];
    const [row] = await sql<Understood>(executor, UNDERSTAND, values);
    if (!row) throw new Error('the search was not understood: no row');
    return row;
  }

  async search(
    executor: Executor,
    { filter, understood, sort }: Wanted,
    { page, pageSize }: Paging,
  ): Promise<SearchRecords> {
    const { text, minPrice, maxPrice, inStock } = filter;
    const values = [
      understood.marks,
      text === null ? null : understood.words,
      understood.tree,
      amountOrNull(minPrice),
      amountOrNull(maxPrice),
      inStock,
      pageSize,
      (page - 1) * pageSize,
    ];
    const rows =
      sort === 'relevance'
        ? await sql<AnswerColumns>(executor, SEARCH.relevance, [...values, text])
        : await sql<AnswerColumns>(executor, (isCategoryAlone(filter) ? SEARCH_CATEGORY : SEARCH)[sort], values);
    return {
      items: rows.flatMap((row) => (row.id === null ? [] : [toFound(row)])),
      total: rows[0]?.total ?? 0,
      complete: rows[0]?.complete ?? true,
      facets: rows[0]?.facets ?? NO_FACETS,
      didYouMean: null,
    };
  }

  /** Each misspelt word of `text` and what it probably means. */
  async corrections(executor: Executor, text: string): Promise<Map<string, string>> {
    const rows = await sql<{ word: string; correction: string }>(executor, CORRECT, [text]);
    return new Map(rows.map(({ word, correction }) => [word, correction]));
  }

  /** What a word may become; the most used first. */
  async completions(executor: Executor, beginning: string, limit: number): Promise<string[]> {
    const rows = await sql<{ word: string }>(executor, COMPLETE, [beginning, limit]);
    return rows.map(({ word }) => word);
  }

  async categories(executor: Executor, beginning: string, limit: number): Promise<SuggestedCategory[]> {
    return sql<{ id: string; name: string; slug: string }>(executor, COMPLETE_CATEGORIES, [beginning, limit]);
  }

  async products(executor: Executor, words: string, text: string, limit: number): Promise<SuggestedProduct[]> {
    const rows = await sql<{ id: string; name: string; slug: string; image_url: string | null }>(
      executor,
      SUGGEST_PRODUCTS,
      [words, text, limit],
    );
    return rows.map(({ id, name, slug, image_url: imageUrl }) => ({ id, name, slug, imageUrl }));
  }
}
