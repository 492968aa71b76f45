import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditService, changedFields, type AuditEntry } from '../audit/audit.service';
import { BulkEditingRepository, type BulkProduct, type ExportedProduct } from './bulk-editing.repository';
import { CatalogueCache } from './catalogue-cache.service';
import { ProductEditingRepository } from './product-editing.repository';
import { fieldsOf, inOrder, type EditedProduct } from './product-editing.types';
import { ProductsRepository } from './products.repository';

export type { BulkProduct, ExportedProduct } from './bulk-editing.repository';
export type { EditedProduct } from './product-editing.types';

const READ_AT_ONCE = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Who changes many products at once; the request is that of the upload. */
export interface ChangedBy {
  actorId: string;
  requestId: string | null;
}

/** A SKU that was free a moment ago has been taken: everything of this transaction is to be tried again. */
export class SkuTakenMeanwhile extends Error {}

function difference(before: EditedProduct, after: BulkProduct): { before: object; after: object } | null {
  const { slug: _, ...was } = fieldsOf(before);
  const { id: __, ...becomes } = after;
  return changedFields(
    { ...was, attributes: inOrder(was.attributes) },
    { ...becomes, attributes: inOrder(becomes.attributes) },
  );
}

/** Products by the hundred, within the transaction of whoever brings them. */
@Injectable()
export class BulkEditingService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly repository: BulkEditingRepository,
    private readonly catalogue: ProductsRepository,
    private readonly editing: ProductEditingRepository,
    private readonly cache: CatalogueCache,
    private readonly audit: AuditService,
  ) {}

  /** Every product on sale, page by page, no faster than they are taken. */
  async *all(): AsyncGenerator<ExportedProduct> {
    let after = BEFORE_ALL;
    for (;;) {
      const products = await this.repository.page(this.products, after, READ_AT_ONCE);
      yield* products;
      const last = products.at(-1);
      if (!last || products.length < READ_AT_ONCE) return;
      after = last.id;
    }
  }

  async attributeNames(): Promise<string[]> {
    return this.repository.attributeNames(this.products);
  }

  /** Products that have these SKUs, off sale or not; they stay as they are until the transaction ends. */
  async lockBySku(tx: EntityManager, skus: readonly string[]): Promise<Map<string, EditedProduct>> {
    const products = skus.length === 0 ? [] : await this.repository.lockBySku(tx, skus);
    return new Map(products.map((product) => [product.sku, product]));
  }

  /** Those whose first image is one of their own, so that no address can be given for it. */
  async withImages(tx: EntityManager, ids: readonly string[]): Promise<Set<string>> {
    return ids.length === 0 ? new Set() : this.editing.withImages(tx, ids);
  }

  differs(before: EditedProduct, after: BulkProduct): boolean {
    return difference(before, after) !== null;
  }

  async createAll(tx: EntityManager, products: readonly BulkProduct[], by: ChangedBy): Promise<void> {
    if (products.length === 0) return;
    await this.editing.setActor(tx, by.actorId);
    const added = await this.catalogue.insert(tx, products);
    if (added.size < products.length) throw new SkuTakenMeanwhile('a SKU was taken meanwhile');
    const entries = products.map(({ id, ...after }): AuditEntry => {
      return { action: 'product.imported', subjectType: 'product', subjectId: id, before: null, after };
    });
    await this.audit.record(tx, by.actorId, entries, by.requestId);
  }

  /** Of products locked by `lockBySku`. */
  async updateAll(
    tx: EntityManager,
    changes: readonly { before: EditedProduct; after: BulkProduct }[],
    by: ChangedBy,
  ): Promise<void> {
    const entries = changes.flatMap(({ before, after }): AuditEntry[] => {
      const changed = difference(before, after);
      if (!changed) return [];
      return [{ action: 'product.imported', subjectType: 'product', subjectId: before.id, ...changed }];
    });
    if (entries.length === 0) return;
    await this.editing.setActor(tx, by.actorId);
    await this.repository.update(
      tx,
      changes.map(({ after }) => after),
    );
    await this.audit.record(tx, by.actorId, entries, by.requestId);
  }

  /** Before the commit; what it gives is to be called after it, or after the rollback. */
  beginChange(ids: readonly string[]): Promise<() => Promise<void>> {
    return this.cache.beginChange(ids);
  }
}
