import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { CatalogueCache } from './catalogue-cache.service';
import { CategoriesRepository } from './categories.repository';
import { categoryNotFound } from './products.errors';
import type { Breadcrumb, CategoryRecord, PlacedCategory } from './products.types';

export type { CategoryRecord as ImportedCategory } from './products.types';

export interface CategoryNode {
  id: string;
  name: string;
  slug: string;
  children: CategoryNode[];
}

/** A category as its own page shows it. */
export interface CategoryPage extends Breadcrumb {
  /** On sale in it and below it. */
  productCount: number;
  /** From the root down to the category itself. */
  breadcrumbs: Breadcrumb[];
  children: (Breadcrumb & { productCount: number })[];
}

const crumbOf = ({ id, name, slug }: PlacedCategory): Breadcrumb => ({ id, name, slug });

/** The tree that products hang in. */
@Injectable()
export class CategoriesService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly categories: CategoriesRepository,
    private readonly cache: CatalogueCache,
  ) {}

  /** The roots, each with all below it; siblings by name. */
  async tree(): Promise<CategoryNode[]> {
    const records = await this.cache.categories(() => this.categories.all(this.products));
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

  async get(id: string): Promise<CategoryPage> {
    return this.pageOf((record) => record.id === id);
  }

  async getBySlug(slug: string): Promise<CategoryPage> {
    return this.pageOf((record) => record.slug === slug);
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

  private async pageOf(isIt: (record: PlacedCategory) => boolean): Promise<CategoryPage> {
    const records = await this.cache.categories(() => this.categories.all(this.products));
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
