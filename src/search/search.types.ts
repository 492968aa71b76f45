import type { ProductFilter, SearchSort } from '../products/products.service';

export type { FacetRecords, Paging, ProductFilter, SearchRecords, SearchSort } from '../products/products.service';

export const SEARCH_SORTS = ['relevance', 'name', 'price', '-price', 'newest'] as const satisfies readonly SearchSort[];

/** What PostgreSQL made of a search: tsqueries as text, and the category with all below it. */
export interface Understood {
  /** Empty when only words were given that say nothing. */
  words: string;
  marks: string;
  tree: string[] | null;
}

export interface Wanted {
  filter: ProductFilter;
  understood: Understood;
  sort: SearchSort;
}

export interface SuggestedCategory {
  id: string;
  name: string;
  slug: string;
}

export interface SuggestedProduct extends SuggestedCategory {
  imageUrl: string | null;
}

export interface Suggestions {
  queries: string[];
  categories: SuggestedCategory[];
  products: SuggestedProduct[];
}
