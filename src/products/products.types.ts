export const PRODUCT_SORTS = ['name', 'price', '-price', 'newest'] as const;
export type ProductSort = (typeof PRODUCT_SORTS)[number];

export const SEARCH_SORTS = ['relevance', ...PRODUCT_SORTS] as const;
export type SearchSort = (typeof SEARCH_SORTS)[number];

/** What a product is, without its stock: this much changes rarely and is cached for long. Plain JSON. */
export interface ProductRecord {
  id: string;
  sku: string;
  slug: string;
  name: string;
  description: string;
  /** Minor units. */
  price: number;
  currency: string;
  category: { id: string; name: string };
  imageUrl: string | null;
  createdAt: string;
}

export interface ProductImageRecord {
  url: string;
  alt: string;
  width: number | null;
  height: number | null;
}

/** One step from the root of the tree to where a product or a category hangs. */
export interface Breadcrumb {
  id: string;
  name: string;
  slug: string;
}

/** What a product's own page shows beyond its card. */
export interface ProductDetail extends ProductRecord {
  attributes: Record<string, string>;
  images: ProductImageRecord[];
  /** From the root down to its category. */
  breadcrumbs: Breadcrumb[];
}

export interface ProductRecords {
  items: ProductRecord[];
  total: number;
}

/** A product as a search found it; in `marked` what was looked for stands between U+0001 and U+0002. */
export interface FoundRecord extends ProductRecord {
  marked: string;
}

/** How many of the products looked at are in which category, price band or state of stock. */
export interface FacetRecords {
  categories: (Breadcrumb & { count: number })[];
  prices: { band: number; count: number }[];
  inStock: number;
  soldOut: number;
}

export interface SearchRecords {
  items: FoundRecord[];
  /** Of all matches, or of those that were looked at. */
  total: number;
  complete: boolean;
  facets: FacetRecords;
  /** What was probably meant; `applied` when that is what was searched for. */
  didYouMean: { text: string; applied: boolean } | null;
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
  attributes?: Record<string, string>;
}

export interface CategoryRecord {
  id: string;
  name: string;
  parentId: string | null;
}

/** A category as the tree has it. */
export interface PlacedCategory extends CategoryRecord {
  slug: string;
  /** On sale in the category itself, without those below. */
  products: number;
}

export interface CategoryNode {
  id: string;
  name: string;
  slug: string;
  children: CategoryNode[];
}

/** A category as its own page shows it. */
export interface CategoryPage extends Breadcrumb {
  /** On sale in it and below it. */
  productCount: number;
  /** From the root down to the category itself. */
  breadcrumbs: Breadcrumb[];
  children: (Breadcrumb & { productCount: number })[];
}
