import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { InventoryService, type Availability } from '../inventory/inventory.service';
import { CatalogueCache } from './catalogue-cache.service';
import { productNotFound } from './products.errors';
import { ProductsRepository, type PricedProduct } from './products.repository';
import type { Paging, ProductDetail, ProductRecord, ProductRecords, ProductSort } from './products.types';

export type { PricedProduct } from './products.repository';
export type {
  Breadcrumb,
  FacetRecords,
  FoundRecord,
  Paging,
  ProductFilter,
  SearchRecords,
  SearchSort,
} from './products.types';

/** A product as the catalogue shows it. */
export interface StockedProduct extends ProductRecord {
  stock: Availability;
}

/** The same with all that its own page shows. */
export interface StockedDetail extends ProductDetail {
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

/** What no address is, no product needs to be looked up for. */
const ADDRESS = /^[\w-]{1,255}$/;

/** How many others a product's page shows. */
const RELATED_PRODUCTS = 8;

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

  async get(id: string): Promise<StockedDetail> {
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

  async getBySlug(slug: string): Promise<StockedDetail> {
    const id = ADDRESS.test(slug) ? await this.repository.idOf(this.products, slug) : null;
    if (id === null) throw productNotFound();
    return this.get(id);
  }

  /** Others of its category that cost about as much, the nearest first. */
  async related(id: string): Promise<StockedProduct[]> {
    const found = await this.cache.product(id, () => this.repository.find(this.products, id));
    if (!found) throw productNotFound();
    return this.withStock(await this.repository.related(this.products, id, RELATED_PRODUCTS));
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

  /** With what is left of each. */
  async withStock<T extends ProductRecord>(records: readonly T[]): Promise<(T & { stock: Availability })[]> {
    const stock = await this.inventory.availability(records.map((record) => record.id));
    return records.map((record) => ({ ...record, stock: stock.get(record.id) ?? NO_STOCK }));
  }

  private async stocked({ items, total }: ProductRecords): Promise<StockedProducts> {
    return { items: await this.withStock(items), total };
  }
}
