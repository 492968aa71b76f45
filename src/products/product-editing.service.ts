import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditService, changedFields } from '../audit/audit.service';
import { decodeCursor, positionOf, toCursorPage, toPositionPage, type CursorPage } from '../common/pagination';
import { inTransaction, isUniqueViolation } from '../database/sql';
import { requireMatch, type MatchedVersions } from '../http/if-match.header';
import { CatalogueCache } from './catalogue-cache.service';
import { CategoriesService } from './categories.service';
import { ProductEditingRepository } from './product-editing.repository';
import { fieldsOf, inOrder, type EditedFilter, type EditedProduct } from './product-editing.types';
import type { PriceChange, ProductFields } from './product-editing.types';
import { imageIsFirst, productDeleted, productNotFound, skuTaken, slugTaken } from './products.errors';

export type { EditedProduct } from './product-editing.types';

/** The law of price reductions asks for the lowest of these days (directive 98/6/EC, article 6a). */
const LOWEST_OF_DAYS = 30;

export interface PriceHistory extends CursorPage<PriceChange> {
  lowest: number | null;
}

/** What staff do to one product. Each change is one transaction with its trail; a version seen before guards it. */
@Injectable()
export class ProductEditingService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly repository: ProductEditingRepository,
    private readonly categories: CategoriesService,
    private readonly cache: CatalogueCache,
    private readonly audit: AuditService,
  ) {}

  /** Products taken off sale included. */
  async get(id: string): Promise<EditedProduct> {
    return (await this.repository.find(this.products, id)) ?? this.refuseUnknown();
  }

  async list(filter: EditedFilter, page: { cursor?: string; limit: number }): Promise<CursorPage<EditedProduct>> {
    const rows = await this.repository.list(this.products, filter, decodeCursor(page.cursor), page.limit + 1);
    return toCursorPage(rows, page.limit, ({ createdAt, id }) => ({ at: createdAt, id }));
  }

  /** The address of a product stays when its name changes, unless a new one is given. */
  async edit(
    id: string,
    change: Partial<ProductFields>,
    match: MatchedVersions,
    actorId: string,
  ): Promise<EditedProduct> {
    return this.changing(id, actorId, async (tx, before) => {
      requireMatch(match, before.version);
      if (before.deletedAt) throw productDeleted();
      const was = { ...fieldsOf(before), attributes: inOrder(before.attributes) };
      const becomes = { ...was, ...change };
      const difference = changedFields(was, { ...becomes, attributes: inOrder(becomes.attributes) });
      if (!difference) return false;
      if (becomes.categoryId !== was.categoryId) await this.categories.require(tx, becomes.categoryId);
      if (becomes.imageUrl !== was.imageUrl && (await this.repository.withImages(tx, [id])).has(id)) {
        throw imageIsFirst();
      }
      await this.repository.update(tx, id, becomes).catch((error: unknown) => this.tellTaken(error, becomes));
      await this.audit.record(tx, actorId, [
        { action: 'product.updated', subjectType: 'product', subjectId: id, ...difference },
      ]);
      return true;
    });
  }

  /** Off sale: in no list and no cart. Its orders, holds, ledger and SKU stay its own. Done twice it is done once. */
  async remove(id: string, match: MatchedVersions, actorId: string): Promise<void> {
    await this.changing(id, actorId, async (tx, before) => {
      requireMatch(match, before.version);
      return before.deletedAt === null && this.setDeleted(tx, before, true, actorId);
    });
  }

  /** Back on sale, as it was. */
  async restore(id: string, match: MatchedVersions, actorId: string): Promise<EditedProduct> {
    return this.changing(id, actorId, async (tx, before) => {
      requireMatch(match, before.version);
      return before.deletedAt !== null && this.setDeleted(tx, before, false, actorId);
    });
  }

  /** Each price from the first on, newest first, and the lowest of the last 30 days. */
  async prices(id: string, page: { cursor?: string; limit: number }): Promise<PriceHistory> {
    await this.get(id);
    const [rows, lowest] = await Promise.all([
      this.repository.prices(this.products, id, positionOf(page.cursor), page.limit + 1),
      this.repository.lowestPrice(this.products, id, LOWEST_OF_DAYS),
    ]);
    return { ...toPositionPage(rows, page.limit, (row) => Number(row.id)), lowest };
  }

  /** For those who change what belongs to a product, as its images: locked, and only one on sale. */
  async lockOnSale(tx: EntityManager, id: string): Promise<EditedProduct> {
    const product = (await this.repository.lock(tx, id)) ?? this.refuseUnknown();
    if (product.deletedAt) throw productDeleted();
    return product;
  }

  /** The first image is what its card shows; the version rises either way. */
  async setImageUrl(tx: EntityManager, id: string, imageUrl: string | null): Promise<void> {
    await this.repository.setImageUrl(tx, id, imageUrl);
  }

  /** Runs `work`, which commits a change of what the product's page shows; nothing old is shown once it ends or dies. */
  whileChanging<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.cache.whileChanging([id], work);
  }

  private async changing(
    id: string,
    actorId: string,
    work: (tx: EntityManager, before: EditedProduct) => Promise<boolean>,
  ): Promise<EditedProduct> {
    return this.cache.whileChanging([id], () =>
      inTransaction(this.products, async (tx) => {
        const before = (await this.repository.lock(tx, id)) ?? this.refuseUnknown();
        await this.repository.setActor(tx, actorId);
        if (!(await work(tx, before))) return before;
        return (await this.repository.find(tx, id)) ?? this.refuseUnknown();
      }),
    );
  }

  private async setDeleted(
    tx: EntityManager,
    before: EditedProduct,
    deleted: boolean,
    actorId: string,
  ): Promise<boolean> {
    await this.repository.setDeleted(tx, before.id, deleted);
    await this.audit.record(tx, actorId, [
      {
        action: deleted ? 'product.deleted' : 'product.restored',
        subjectType: 'product',
        subjectId: before.id,
        before: { deleted: !deleted },
        after: { deleted },
      },
    ]);
    return true;
  }

  private tellTaken(error: unknown, { sku, slug }: ProductFields): never {
    if (isUniqueViolation(error, 'products_sku_key')) throw skuTaken(sku);
    if (isUniqueViolation(error, 'products_slug_key')) throw slugTaken(slug);
    throw error;
  }

  private refuseUnknown(): never {
    throw productNotFound();
  }
}
