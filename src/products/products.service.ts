import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { InventoryService, type Availability } from '../inventory/inventory.service';
import { CatalogueCache } from './catalogue-cache.service';
import { productNotFound } from './products.errors';
import { ProductsRepository, type PricedProduct } from './products.repository';
import type { Paging, ProductFilter, ProductRecord, ProductRecords, ProductSort, SearchSort } from './products.types';

export type { PricedProduct } from './products.repository';

/** A product as the catalogue shows it. */
export interface StockedProduct extends ProductRecord {
  stock: Availability;
}

export interface StockedProducts {
  items: StockedProduct[];
  total: number;
}

/** A product as the cart shows it: at today's price, with what is left. */
export interface ProductCard extends PricedProduct {
  available: number;
}

/** A product whose stock row is missing cannot be bought. */
const NO_STOCK: Availability = { available: 0, lowStock: true };

/** Reading the catalogue. What a product is comes from its long-lived cache, what is left of it from the stock's. */
@Injectable()
export class ProductsService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly repository: ProductsRepository,
    private readonly cache: CatalogueCache,
    private readonly inventory: InventoryService,
  ) {}

  async get(id: string): Promise<StockedProduct> {
    const [record, stock] = await Promise.all([
      this.cache.product(id, () => this.repository.find(this.products, id)),
      this.inventory.availability([id]),
    ]);
    if (!record) throw productNotFound();
    return { ...record, stock: stock.get(id) ?? NO_STOCK };
  }

  /** A page of the whole catalogue, or of a category and all below it. */
  async list(categoryId: string | null, sort: ProductSort, paging: Paging): Promise<StockedProducts> {
    const load = () => this.repository.list(this.products, categoryId, sort, paging);
    return this.stocked(await this.cache.list(categoryId, sort, paging, load));
  }

  async search(filter: ProductFilter, sort: SearchSort, paging: Paging): Promise<StockedProducts> {
    const load = () => this.repository.search(this.products, filter, sort, paging);
    return this.stocked(await this.cache.search(filter, sort, paging, load));
  }

  /** Those of `ids` that exist, in that order, straight from PostgreSQL: nothing stale goes into a cart. */
  async cards(ids: readonly string[]): Promise<ProductCard[]> {
    if (ids.length === 0) return [];
    const [priced, stock] = await Promise.all([
      this.repository.priced(this.products, ids),
      this.inventory.freshAvailability(ids),
    ]);
    const byId = new Map(priced.map((product) => [product.id, product]));
    return ids.flatMap((id) => {
      const product = byId.get(id);
      return product ? [{ ...product, available: (stock.get(id) ?? NO_STOCK).available }] : [];
    });
  }

  /** What a checkout charges, read within its products transaction. */
  priced(tx: EntityManager, ids: readonly string[]): Promise<PricedProduct[]> {
    return this.repository.priced(tx, ids);
  }

  private async stocked({ items, total }: ProductRecords): Promise<StockedProducts> {
    const stock = await this.inventory.availability(items.map((item) => item.id));
    return { items: items.map((item) => ({ ...item, stock: stock.get(item.id) ?? NO_STOCK })), total };
  }
}
