import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { CatalogueCache } from './catalogue-cache.service';
import { CategoriesRepository } from './categories.repository';
import { categoryNotFound } from './products.errors';
import type { CategoryRecord } from './products.types';

export type { CategoryRecord as ImportedCategory } from './products.types';

export interface CategoryNode {
  id: string;
  name: string;
  children: CategoryNode[];
}

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
    const nodes = new Map<string, CategoryNode>(records.map(({ id, name }) => [id, { id, name, children: [] }]));
    const roots: CategoryNode[] = [];
    for (const { id, parentId } of records) {
      const node = nodes.get(id);
      if (!node) continue;
      const siblings = parentId === null ? roots : nodes.get(parentId)?.children;
      siblings?.push(node);
    }
    return roots;
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
}
