import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Cache } from '../cache/cache.service';
import { CACHE } from '../cache/keys';
import { RedisClient } from '../cache/redis.client';
import { SingleFlight } from '../cache/single-flight';
import type {
  Paging,
  PlacedCategory,
  ProductDetail,
  ProductFilter,
  ProductRecords,
  ProductSort,
  SearchRecords,
  SearchSort,
} from './products.types';

const GENERATION_KEY = 'products:generation';
const GENERATION_TTL_SECONDS = 3_600;
const RETRY_MS = 1_000;
const DEFAULT_PAGE_SIZE = 20;
const DEFAULT_SORT = 'name';

interface GenerationEntry<T> {
  generation: string;
  value: T;
}

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

/**
 * What the catalogue keeps in Redis: never stock, which changes by the second while these entries live for an hour.
 *
 * Which of the cached lists a new product belongs to is hard to say (every ancestor, every page, any search), so each
 * entry carries the generation of the catalogue it was read in, and a change begins a new one. A reader asks for the
 * generation before it reads PostgreSQL: what it then caches can be too old to be used, never wrongly new.
 */
@Injectable()
export class CatalogueCache {
  private readonly products = new SingleFlight<ProductDetail | null>();
  private readonly lists = new SingleFlight<ProductRecords>();
  private readonly searches = new SingleFlight<SearchRecords>();
  private readonly trees = new SingleFlight<PlacedCategory[]>();

  constructor(
    private readonly cache: Cache,
    private readonly client: RedisClient,
  ) {}

  product(id: string, load: () => Promise<ProductDetail | null>): Promise<ProductDetail | null> {
    const key = CACHE.product.key(id);
    return this.cache.through(key, CACHE.product.ttl, () => this.products.once(key, load));
  }

  list(
    categoryId: string | null,
    sort: ProductSort,
    { page, pageSize }: Paging,
    load: () => Promise<ProductRecords>,
  ): Promise<ProductRecords> {
    const { key, ttl } = CACHE.productsOfCategory;
    return this.inGeneration(this.lists, key(categoryId ?? 'all', page, variantOf(sort, pageSize)), ttl, load);
  }

  search(
    filter: ProductFilter,
    sort: SearchSort,
    paging: Paging,
    load: () => Promise<SearchRecords>,
  ): Promise<SearchRecords> {
    // What is in stock changes with every checkout: such a search is not worth caching.
    if (filter.inStock !== null) return load();
    const { key, ttl } = CACHE.productSearch;
    return this.inGeneration(this.searches, key(hashOf(filter, sort, paging)), ttl, load);
  }

  categories(load: () => Promise<PlacedCategory[]>): Promise<PlacedCategory[]> {
    return this.inGeneration(this.trees, CACHE.categories.key(), CACHE.categories.ttl, load);
  }

  /** After the commit of any change of products or categories: every cached list and search is of the past. */
  async changed(): Promise<void> {
    const begun = await this.client.attempt(
      (redis) => redis.set(GENERATION_KEY, randomUUID(), 'EX', GENERATION_TTL_SECONDS),
      null,
    );
    // What Redis kept comes back with it: it must still be told.
    if (begun === null) setTimeout(() => void this.changed(), RETRY_MS).unref();
  }

  /** After the commit of a change of these products, beside `changed`. */
  async forgetProducts(ids: readonly string[]): Promise<void> {
    await this.cache.forget(...ids.map((id) => CACHE.product.key(id)));
  }

  private async inGeneration<T>(flight: SingleFlight<T>, key: string, ttl: number, load: () => Promise<T>): Promise<T> {
    const generation = await this.generation();
    if (generation === null) return load();
    const entry = await this.cache.through<GenerationEntry<T>>(
      key,
      ttl,
      async () => ({ generation, value: await flight.once(`${key}@${generation}`, load) }),
      (cached) => cached.generation === generation,
    );
    return entry ? entry.value : load();
  }

  /** Null without Redis. NX: a reader that finds none must not undo the one a writer begins at the same time. */
  private async generation(): Promise<string | null> {
    const found = await this.client.attempt((redis) => redis.get(GENERATION_KEY), null);
    if (found !== null) return found;
    await this.client.attempt(
      (redis) => redis.set(GENERATION_KEY, randomUUID(), 'EX', GENERATION_TTL_SECONDS, 'NX'),
      null,
    );
    return this.client.attempt((redis) => redis.get(GENERATION_KEY), null);
  }
}
