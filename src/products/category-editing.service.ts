import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { AuditService, changedFields } from '../audit/audit.service';
import { inTransaction, isPostgresError, isUniqueViolation } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { requireMatch, type MatchedVersions } from '../http/if-match.header';
import { CatalogueCache } from './catalogue-cache.service';
import { CategoryEditingRepository, type EditedCategory } from './category-editing.repository';
import { categoriesTooDeep, categoryCycle, categoryNotEmpty, categoryNotFound, slugTaken } from './products.errors';

export type { EditedCategory } from './category-editing.repository';

const MAX_DEPTH = 10;
const FORGOTTEN_AT_ONCE = 500;
const FOREIGN_KEY_VIOLATION = '23503';

interface NewCategory {
  name: string;
  parentId: string | null;
  slug: string | null;
}

/** What staff do to the tree of categories. Its shape is changed by one at a time, so that no moves make a ring. */
@Injectable()
export class CategoryEditingService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly repository: CategoryEditingRepository,
    private readonly cache: CatalogueCache,
    private readonly idempotency: Idempotency,
    private readonly audit: AuditService,
  ) {}

  async all(): Promise<EditedCategory[]> {
    return this.repository.all(this.products);
  }

  async get(id: string): Promise<EditedCategory> {
    const category = await this.repository.find(this.products, id);
    if (!category) throw categoryNotFound();
    return category;
  }

  async create(
    entry: NewCategory,
    actorId: string,
    request: IdempotentRequest | null,
  ): Promise<Outcome<EditedCategory>> {
    return this.changing((tx) =>
      this.idempotency.once(tx, request, async () => {
        await this.repository.lockTree(tx);
        return this.insert(tx, entry, actorId, undefined);
      }),
    );
  }

  /** A new name, a new address, or with all below it under another parent. */
  async edit(
    id: string,
    change: Partial<NewCategory>,
    match: MatchedVersions,
    actorId: string,
  ): Promise<EditedCategory> {
    const [category, changed] = await this.changing(async (tx): Promise<[EditedCategory, boolean]> => {
      if (change.parentId !== undefined) await this.repository.lockTree(tx);
      const before = await this.repository.lock(tx, id);
      if (!before) throw categoryNotFound();
      requireMatch(match, before.version);
      const becomes = {
        id,
        name: change.name ?? before.name,
        slug: change.slug ?? before.slug,
        parentId: change.parentId === undefined ? before.parentId : change.parentId,
      };
      const difference = changedFields({ ...before, version: undefined }, becomes);
      if (!difference) return [before, false];
      if (becomes.parentId !== null && becomes.parentId !== before.parentId) {
        await this.requirePlace(tx, becomes.parentId, id);
      }
      await this.repository.update(tx, becomes).catch((error: unknown) => this.tellTaken(error, becomes.slug));
      await this.audit.record(tx, actorId, [
        { action: 'category.updated', subjectType: 'category', subjectId: id, ...difference },
      ]);
      return [{ ...becomes, version: before.version + 1 }, true];
    });
    if (changed) await this.tellChanged(id);
    return category;
  }

  /** A product's own entry in the cache says where it hangs, from the root down. */
  private async tellChanged(categoryId: string): Promise<void> {
    for (let after: string | null = null; ;) {
      const ids = await this.repository.productIdsBelow(this.products, categoryId, after, FORGOTTEN_AT_ONCE);
      if (ids.length > 0) await this.cache.changed(ids);
      after = ids.at(-1) ?? null;
      if (ids.length < FORGOTTEN_AT_ONCE) return;
    }
  }

  /** Only an empty one; products off sale keep theirs too. */
  async remove(id: string, match: MatchedVersions, actorId: string): Promise<void> {
    await this.changing(async (tx) => {
      // Whoever puts another one below it at the same time finds it gone, or is found.
      await this.repository.lockTree(tx);
      const before = await this.repository.lock(tx, id);
      if (!before) throw categoryNotFound();
      requireMatch(match, before.version);
      await this.repository.delete(tx, id).catch((error: unknown) => {
        if (isPostgresError(error) && error.code === FOREIGN_KEY_VIOLATION) throw categoryNotEmpty();
        throw error;
      });
      const { name, slug, parentId } = before;
      await this.audit.record(tx, actorId, [
        {
          action: 'category.deleted',
          subjectType: 'category',
          subjectId: id,
          before: { name, slug, parentId },
          after: null,
        },
      ]);
    });
  }

  /** For those who put many products in at once: the tree, which no one else changes until the transaction ends. */
  async lockTree(tx: EntityManager): Promise<EditedCategory[]> {
    await this.repository.lockTree(tx);
    return this.repository.all(tx);
  }

  async allWithin(tx: EntityManager): Promise<EditedCategory[]> {
    return this.repository.all(tx);
  }

  /** After `lockTree`; `requestId` as the trail wants it. */
  async insert(
    tx: EntityManager,
    { name, parentId, slug }: NewCategory,
    actorId: string,
    requestId: string | null | undefined,
  ): Promise<EditedCategory> {
    const id = uuidv7();
    if (parentId !== null) await this.requirePlace(tx, parentId, id);
    const category = await this.repository
      .insert(tx, { id, name, parentId, slug })
      .catch((error: unknown) => this.tellTaken(error, slug ?? name));
    const after = { name: category.name, slug: category.slug, parentId };
    await this.audit.record(
      tx,
      actorId,
      [{ action: 'category.created', subjectType: 'category', subjectId: id, before: null, after }],
      requestId,
    );
    return category;
  }

  /** All lists are of the past with it. */
  private changing<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.cache.whileChanging([], () => inTransaction(this.products, work));
  }

  private async requirePlace(tx: EntityManager, parentId: string, id: string): Promise<void> {
    const lineage = await this.repository.lineage(tx, parentId);
    if (lineage.length === 0) throw categoryNotFound();
    if (lineage.includes(id)) throw categoryCycle();
    if (lineage.length + 1 + (await this.repository.height(tx, id)) > MAX_DEPTH) throw categoriesTooDeep(MAX_DEPTH);
  }

  private tellTaken(error: unknown, slug: string): never {
    if (isUniqueViolation(error, 'categories_slug_key')) throw slugTaken(slug);
    throw error;
  }
}
