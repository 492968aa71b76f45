export const PRODUCT_SORTS = ['name', 'price', '-price', 'newest'] as const;
export type ProductSort = (typeof PRODUCT_SORTS)[number];

export const SEARCH_SORTS = ['relevance', ...PRODUCT_SORTS] as const;
export type SearchSort = (typeof SEARCH_SORTS)[number];

/** What a product is, without its stock: this much changes rarely and is cached for long. Plain JSON. */
export interface ProductRecord {
  id: string;
  sku: string;
  name: string;
  description: string;
  /** Minor units. */
  price: number;
  currency: string;
  category: { id: string; name: string };
  imageUrl: string | null;
  createdAt: string;
}

export interface ProductRecords {
  items: ProductRecord[];
  total: number;
}

export interface Paging {
  page: number;
  pageSize: number;
}

/** What is looked for; `null` does not limit. Prices are in minor units. */
export interface ProductFilter {
  text: string | null;
  categoryId: string | null;
  minPrice: number | null;
  maxPrice: number | null;
  inStock: boolean | null;
}

export interface NewProduct {
  id: string;
  sku: string;
  name: string;
  description: string;
  price: number;
  categoryId: string;
  imageUrl: string | null;
}

export interface CategoryRecord {
  id: string;
  name: string;
  parentId: string | null;
}

export interface CategoryNode {
  id: string;
  name: string;
  children: CategoryNode[];
}
