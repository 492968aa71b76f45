import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { Cache } from '../cache/cache.service';
import { CACHE } from '../cache/keys';
import type { ReadyAnswer } from '../http/ready-answer';
import { InventoryService } from '../inventory/inventory.service';
import { CatalogueCache, placeOfList, placeOfSearch } from './catalogue-cache.service';
import { CataloguePages } from './catalogue-pages.service';
import { pageText, productAnswer, productText } from './product.view';
import { productNotFound } from './products.errors';
import { ProductsRepository, type PricedProduct, type ProductCard } from './products.repository';
import type { Paging, ProductFilter, ProductSort, SearchSort } from './products.types';

export type { PricedProduct, ProductCard } from './products.repository';

/** Reading the catalogue. What a product is comes from its long-lived cache, what is left of it from the stock's. */
@Injectable()
export class ProductsService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly repository: ProductsRepository,
    private readonly catalogue: CatalogueCache,
    private readonly pages: CataloguePages,
    private readonly cache: Cache,
    private readonly inventory: InventoryService,
  ) {}

  /** Product and stock are looked up with one command. */
  async get(id: string): Promise<ReadyAnswer> {
    const found = await this.cache.lookUp([CACHE.product.key(id), CACHE.inventory.key(id)]);
    const product = await this.catalogue.product(id, found?.[0] ?? null, () => this.textOf(id));
    if (!product) throw productNotFound();
    const [stock] = await this.inventory.stockTexts([id], found?.slice(1) ?? null);
    if (!stock) throw productNotFound();
    return productAnswer(product, stock);
  }

  /** A page of the whole catalogue, or of a category and all below it. */
  list(categoryId: string | null, sort: ProductSort, paging: Paging): Promise<ReadyAnswer> {
    const load = async () => pageText(await this.repository.list(this.products, categoryId, sort, paging));
    return this.pages.answer(placeOfList(categoryId, sort, paging), paging, load);
  }

  search(filter: ProductFilter, sort: SearchSort, paging: Paging): Promise<ReadyAnswer> {
    const load = async () => pageText(await this.repository.search(this.products, filter, sort, paging));
    return this.pages.answer(placeOfSearch(filter, sort, paging), paging, load);
  }

  /** Those of `ids` that are sold, in that order, straight from PostgreSQL: nothing stale goes into a cart. */
  async cards(ids: readonly string[]): Promise<ProductCard[]> {
    if (ids.length === 0) return [];
    const cards = await this.repository.cards(this.products, ids);
    const byId = new Map(cards.map((card) => [card.id, card]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  /** What a checkout charges, read within its products transaction. */
  priced(tx: EntityManager, ids: readonly string[]): Promise<PricedProduct[]> {
    return this.repository.priced(tx, ids);
  }

  private async textOf(id: string): Promise<string | null> {
    const record = await this.repository.find(this.products, id);
    return record && productText(record);
  }
}
