import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { SHOP_CURRENCY } from '../common/money';
import { inTransaction } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { InventoryService } from '../inventory/inventory.service';
import { CatalogueCache } from './catalogue-cache.service';
import { CategoriesService } from './categories.service';
import { ProductDto } from './dto/product.dto';
import { skuTaken } from './products.errors';
import { ProductsRepository } from './products.repository';
import type { CategoryRecord, NewProduct, ProductRecord } from './products.types';

/** What the importer gives for each product; stock on hand included. */
export interface ImportedProduct extends NewProduct {
  quantity: number;
}

/** Putting products into the catalogue: each with its stock row, in one transaction, readable at once. */
@Injectable()
export class ProductEntryService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly repository: ProductsRepository,
    private readonly categories: CategoriesService,
    private readonly inventory: InventoryService,
    private readonly cache: CatalogueCache,
    private readonly idempotency: Idempotency,
  ) {}

  /** A new product with nothing on hand yet. */
  async create(entry: Omit<NewProduct, 'id'>, request: IdempotentRequest | null): Promise<Outcome<ProductDto>> {
    const id = uuidv7();
    return this.cache.whileChanging([id], () =>
      inTransaction(this.products, (tx) => this.idempotency.once(tx, request, () => this.insert(tx, { ...entry, id }))),
    );
  }

  /** Adds the categories and products that are not there yet, by id and SKU; returns how many products were new. */
  async importAll(categories: readonly CategoryRecord[], products: readonly ImportedProduct[]): Promise<number> {
    const added = await inTransaction(this.products, async (tx) => {
      await this.categories.addAll(tx, categories);
      const skus = await this.repository.insert(tx, products);
      const fresh = products.filter((product) => skus.has(product.sku));
      if (fresh.length > 0) {
        await this.inventory.openAll(
          tx,
          fresh.map(({ id, quantity }) => ({ productId: id, quantity })),
        );
      }
      return fresh.length;
    });
    await this.cache.changed(products.map(({ id }) => id));
    return added;
  }

  private async insert(tx: EntityManager, product: NewProduct): Promise<ProductDto> {
    const category = await this.categories.require(tx, product.categoryId);
    const createdAt = (await this.repository.insert(tx, [product])).get(product.sku);
    if (!createdAt) throw skuTaken(product.sku);
    await this.inventory.open(tx, product.id);
    const { id, sku, name, description, price, imageUrl } = product;
    const record: ProductRecord = {
      id,
      sku,
      name,
      description,
      price,
      currency: SHOP_CURRENCY,
      category: { id: category.id, name: category.name },
      imageUrl,
      createdAt: createdAt.toISOString(),
    };
    return ProductDto.of(record, { available: 0, lowStock: true });
  }
}
