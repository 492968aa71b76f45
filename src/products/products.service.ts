import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { Cache } from '../cache/cache.service';
import { CACHE } from '../cache/keys';
import type { ReadyAnswer } from '../http/ready-answer';
import { InventoryService } from '../inventory/inventory.service';
import { CatalogueCache, placeOfList } from './catalogue-cache.service';
import { CataloguePages } from './catalogue-pages.service';
import { ProductDetailDto, ProductDto } from './dto/product.dto';
import { pageText, productAnswer, productText } from './product.view';
import { productNotFound } from './products.errors';
import { ProductsRepository, type ProductCard } from './products.repository';
import type { Paging, ProductSort } from './products.types';

export type { ProductCard } from './products.repository';
export type {
  Breadcrumb,
  FacetRecords,
  FoundRecord,
  Paging,
  ProductFilter,
  SearchRecords,
  SearchSort,
} from './products.types';

/** What no address is, no product needs to be looked up for. */
const ADDRESS = /^[\w-]{1,255}$/;

/** How many others a product's page shows. */
const RELATED_PRODUCTS = 8;

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

  async getBySlug(slug: string): Promise<ReadyAnswer> {
    const id = ADDRESS.test(slug) ? await this.repository.idOf(this.products, slug) : null;
    if (id === null) throw productNotFound();
    return this.get(id);
  }

  /** A page of the whole catalogue, or of a category and all below it. */
  list(categoryId: string | null, sort: ProductSort, paging: Paging): Promise<ReadyAnswer> {
    const load = async () => {
      const { items, total } = await this.repository.list(this.products, categoryId, sort, paging);
      return pageText(
        items.map((item) => ProductDto.withoutStock(item)),
        { page: { ...paging, total } },
      );
    };
    return this.pages.answer(placeOfList(categoryId, sort, paging), load);
  }

  /** Others of its category that cost about as much, the nearest first. */
  async related(id: string): Promise<ReadyAnswer> {
    const [stored = null] = (await this.cache.lookUp([CACHE.product.key(id)])) ?? [];
    if (!(await this.catalogue.product(id, stored, () => this.textOf(id)))) throw productNotFound();
    return this.pages.answer(null, async () => {
      const others = await this.repository.related(this.products, id, RELATED_PRODUCTS);
      return pageText(
        others.map((other) => ProductDto.withoutStock(other)),
        {},
      );
    });
  }

  /** Those of `ids` that there are, off sale too, in that order, straight from PostgreSQL: nothing stale goes into a cart. */
  async cards(ids: readonly string[]): Promise<ProductCard[]> {
    if (ids.length === 0) return [];
    const cards = await this.repository.cards(this.products, ids);
    const byId = new Map(cards.map((card) => [card.id, card]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  /** Those on sale, as a checkout charges them and with what is left, read within its products transaction. */
  async onSale(tx: EntityManager, ids: readonly string[]): Promise<ProductCard[]> {
    return (await this.repository.cards(tx, ids)).filter(({ onSale }) => onSale);
  }

  private async textOf(id: string): Promise<string | null> {
    const record = await this.repository.find(this.products, id);
    return record && productText(ProductDetailDto.withoutStock(record));
  }
}
