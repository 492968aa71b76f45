import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { ReadyAnswer } from '../http/ready-answer';
import { CatalogueCache } from './catalogue-cache.service';
import { CategoriesRepository } from './categories.repository';
import { CategoryPageDto, CategoryTreeDto } from './dto/category.dto';
import { categoryNotFound } from './products.errors';
import type { Breadcrumb, CategoryNode, CategoryPage, CategoryRecord, PlacedCategory } from './products.types';

export type { CategoryRecord as ImportedCategory } from './products.types';

/** What no address is, no category needs to be looked for. */
const ADDRESS = /^[\w-]{1,255}$/;

const crumbOf = ({ id, name, slug }: PlacedCategory): Breadcrumb => ({ id, name, slug });

/** The tree that products hang in. */
@Injectable()
export class CategoriesService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly categories: CategoriesRepository,
    private readonly cache: CatalogueCache,
  ) {}

  /** `CategoryTreeDto` as it is cached. */
  async tree(): Promise<ReadyAnswer> {
    const { tag, text } = await this.cache.categories(async () => {
      return JSON.stringify(CategoryTreeDto.of(this.rootsOf(await this.categories.all(this.products))));
    });
    return { tag, body: () => text };
  }

  /** The roots, each with all below it; siblings by name. */
  private rootsOf(records: readonly PlacedCategory[]): CategoryNode[] {
    const nodes = new Map<string, CategoryNode>(
      records.map(({ id, name, slug }) => [id, { id, name, slug, children: [] }]),
    );
    const roots: CategoryNode[] = [];
    for (const { id, parentId } of records) {
      const node = nodes.get(id);
      if (!node) continue;
      const siblings = parentId === null ? roots : nodes.get(parentId)?.children;
      siblings?.push(node);
    }
    return roots;
  }

  /** `CategoryPageDto` as it is cached. */
  async get(id: string): Promise<ReadyAnswer> {
    return this.page(id, (record) => record.id === id);
  }

  async getBySlug(slug: string): Promise<ReadyAnswer> {
    if (!ADDRESS.test(slug)) throw categoryNotFound();
    return this.page(slug, (record) => record.slug === slug);
  }

  /** The category a product is about to be put into. */
  async require(tx: EntityManager, id: string): Promise<CategoryRecord> {
    const category = await this.categories.lockAgainstDeletion(tx, id);
    if (!category) throw categoryNotFound();
    return category;
  }

  /** Adds what is not there yet; the caller then says that the catalogue changed. */
  async addAll(tx: EntityManager, categories: readonly CategoryRecord[]): Promise<void> {
    await this.categories.insert(tx, categories);
  }

  private async page(address: string, isIt: (record: PlacedCategory) => boolean): Promise<ReadyAnswer> {
    const { tag, text } = await this.cache.category(address, async () => {
      return JSON.stringify(CategoryPageDto.of(this.pageOf(await this.categories.all(this.products), isIt)));
    });
    return { tag, body: () => text };
  }

  private pageOf(records: readonly PlacedCategory[], isIt: (record: PlacedCategory) => boolean): CategoryPage {
    const found = records.find(isIt);
    if (!found) throw categoryNotFound();
    const byId = new Map(records.map((record) => [record.id, record]));
    const counts = new Map<string, number>();
    const breadcrumbs = new Map<string, Breadcrumb>();
    for (const record of records) {
      // A set: a ring of parents, which nothing here makes, must not be walked for ever.
      const path = new Set<PlacedCategory>();
      for (let at: PlacedCategory | undefined = record; at && !path.has(at); at = byId.get(at.parentId ?? '')) {
        path.add(at);
      }
      for (const { id } of path) counts.set(id, (counts.get(id) ?? 0) + record.products);
      if (record === found) for (const step of [...path].reverse()) breadcrumbs.set(step.id, crumbOf(step));
    }
    const counted = (record: PlacedCategory) => ({ ...crumbOf(record), productCount: counts.get(record.id) ?? 0 });
    return {
      ...counted(found),
      breadcrumbs: [...breadcrumbs.values()],
      children: records.filter((record) => record.parentId === found.id).map(counted),
    };
  }
}
