import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { AuditService } from '../audit/audit.service';
import { inTransaction } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { InventoryService } from '../inventory/inventory.service';
import { CatalogueCache } from './catalogue-cache.service';
import { CategoriesService } from './categories.service';
import { ProductDetailDto } from './dto/product.dto';
import { ProductEditingRepository } from './product-editing.repository';
import { productNotFound, skuTaken } from './products.errors';
import { ProductsRepository } from './products.repository';
import type { CategoryRecord, NewProduct } from './products.types';

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
    private readonly editing: ProductEditingRepository,
    private readonly audit: AuditService,
  ) {}

  /** A new product with nothing on hand yet. */
  async create(
    entry: Omit<NewProduct, 'id'>,
    actorId: string,
    request: IdempotentRequest | null,
  ): Promise<Outcome<ProductDetailDto>> {
    const id = uuidv7();
    return this.cache.whileChanging([id], () =>
      inTransaction(this.products, (tx) =>
        this.idempotency.once(tx, request, () => this.insert(tx, { ...entry, id }, actorId)),
      ),
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

  private async insert(tx: EntityManager, product: NewProduct, actorId: string): Promise<ProductDetailDto> {
    await this.categories.require(tx, product.categoryId);
    await this.editing.setActor(tx, actorId);
    const added = (await this.repository.insert(tx, [product])).has(product.sku);
    if (!added) throw skuTaken(product.sku);
    await this.inventory.open(tx, product.id);
    const { id, sku, name, description, price, imageUrl, categoryId } = product;
    await this.audit.record(tx, actorId, [
      {
        action: 'product.created',
        subjectType: 'product',
        subjectId: id,
        before: null,
        after: { sku, name, description, price, categoryId, imageUrl },
      },
    ]);
    const made = await this.repository.find(tx, id);
    if (!made) throw productNotFound();
    return ProductDetailDto.of(made, { available: 0, lowStock: true });
  }
}
