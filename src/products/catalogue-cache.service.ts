import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { entryOf, type Entry } from '../cache/cache-entry';
import { CHANGE_MARK } from '../cache/cache.scripts';
import { Cache } from '../cache/cache.service';
import { CACHE } from '../cache/keys';
import type { Paging, ProductFilter, ProductSort, SearchSort } from './products.types';

const DEFAULT_PAGE_SIZE = 20;
const DEFAULT_SORT = 'name';
const GENERATION = CACHE.productsGeneration;

type Load = () => Promise<string>;

function hashOf(filter: ProductFilter, sort: SearchSort, paging: Paging): string {
  const { text, categoryId, minPrice, maxPrice, inStock } = filter;
  const parts = [text, categoryId, minPrice, maxPrice, inStock, sort, paging.page, paging.pageSize];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** The seed's plain key for the usual page; another size or order adds to its end. */
function variantOf(sort: ProductSort, pageSize: number): string {
  const size = pageSize === DEFAULT_PAGE_SIZE ? [] : [String(pageSize)];
  return [...size, ...(sort === DEFAULT_SORT ? [] : [sort])].join(':');
}

function keysOf(productIds: readonly string[]): string[] {
  return [GENERATION.key(), ...productIds.map((id) => CACHE.product.key(id))];
}

/** Where a list lies in Redis. */
export interface Place {
  key: string;
  ttl: number;
  /** Of its kind most are asked for once. */
  rare: boolean;
}

export function placeOfList(categoryId: string | null, sort: ProductSort, { page, pageSize }: Paging): Place {
  const { key, ttl } = CACHE.productsOfCategory;
  return { key: key(categoryId ?? 'all', page, variantOf(sort, pageSize)), ttl, rare: false };
}

/** Null when it is not kept: what is in stock changes with every checkout. */
export function placeOfSearch(filter: ProductFilter, sort: SearchSort, paging: Paging): Place | null {
  if (filter.inStock !== null) return null;
  const { key, ttl } = CACHE.productSearch;
  return { key: key(hashOf(filter, sort, paging)), ttl, rare: true };
}

/**
 * What the catalogue keeps in Redis, as the JSON that is sent: never stock, which changes by the second while these
 * entries live for an hour.
 *
 * Which of the cached lists a new product belongs to is hard to say (every ancestor, every page, any search), so each
 * entry carries the generation of the catalogue it was read in, and a change ends it. A reader asks for the generation
 * before it reads PostgreSQL: what it then caches can be too old to be used, never wrongly new.
 */
@Injectable()
export class CatalogueCache {
  constructor(private readonly cache: Cache) {}

  /** `stored` is what lay under the product's key; null when there is no such product. */
  product(id: string, stored: string | null, load: () => Promise<string | null>): Promise<Entry | null> | Entry | null {
    const { ttl, absentTtl, key } = CACHE.product;
    return this.cache.through(key(id), stored, { ttl, absentTtl, load });
  }

  /** A page as it lies in the cache (`pageText`). */
  page({ key, ttl }: Place, load: Load): Promise<Entry> {
    return this.inGeneration(key, ttl, load);
  }

  categories(load: Load): Promise<Entry> {
    return this.inGeneration(CACHE.categories.key(), CACHE.categories.ttl, load);
  }

  /** One category's own page, by its id or its address. */
  category(address: string, load: Load): Promise<Entry> {
    return this.inGeneration(CACHE.category.key(address), CACHE.category.ttl, load);
  }

  /** After the commit of any change of these products: every cached list and search is of the past with it. */
  async changed(productIds: readonly string[]): Promise<void> {
    await this.cache.forget(...keysOf(productIds));
  }

  /**
   * Runs `work`, which commits such a change, and tells of it as `changed` does; even a process that dies between the
   * two leaves nothing old behind.
   */
  whileChanging<T>(productIds: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.cache.whileChanging(keysOf(productIds), work);
  }

  /** The same for who learns within the transaction which products change: its end is told by what this gives. */
  beginChange(productIds: readonly string[]): Promise<() => Promise<void>> {
    return this.cache.beginChange(keysOf(productIds));
  }

  private async inGeneration(key: string, ttl: number, load: Load): Promise<Entry> {
    const found = await this.cache.lookUp([GENERATION.key(), key]);
    const mark = found && (found[0] ?? (await this.cache.beginGeneration(GENERATION)));
    // Without Redis, or while a change is under way: nothing is stored, and nothing that was is believed.
    const entry =
      mark === null || mark.startsWith(CHANGE_MARK)
        ? await this.cache.unkept(key, load)
        : await this.cache.through(key, found?.[1] ?? null, { ttl, mark, load });
    return entry ?? entryOf(await load());
  }
}
