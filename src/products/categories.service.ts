import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { ReadyAnswer } from '../http/ready-answer';
import { CatalogueCache } from './catalogue-cache.service';
import { CategoriesRepository } from './categories.repository';
import { CategoryTreeDto } from './dto/category.dto';
import { categoryNotFound } from './products.errors';
import type { CategoryNode, CategoryRecord } from './products.types';

export type { CategoryRecord as ImportedCategory } from './products.types';

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
  private rootsOf(records: readonly CategoryRecord[]): CategoryNode[] {
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
