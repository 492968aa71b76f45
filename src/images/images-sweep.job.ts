import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import { ImageStoreService } from './image-store.service';
import { ImagesRepository } from './images.repository';

/** Longer than any upload takes, and than browsers and caches ask for what they were told of a moment ago. */
const KEPT_MS = 24 * 3_600_000;
const AT_ONCE = 200;

const hashOf = (path: string): string => /([0-9a-f]{32})-/.exec(path)?.[1] ?? '';

/** Removes files that no image has any more. */
@Injectable()
export class ImagesSweepJob {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly repository: ImagesRepository,
    private readonly store: ImageStoreService,
  ) {}

  /** How many files went. */
  async run(): Promise<number> {
    const old = await this.store.olderThan(KEPT_MS);
    let removed = 0;
    for (let i = 0; i < old.length; i += AT_ONCE) removed += await this.removeUnreferred(old.slice(i, i + AT_ONCE));
    return removed;
  }

  private async removeUnreferred(paths: readonly string[]): Promise<number> {
    const hashes = paths.map(hashOf);
    const referred = await this.repository.referred(this.products, hashes);
    const candidates = paths.filter((path) => !referred.has(hashOf(path)));
    if (candidates.length === 0) return 0;
    // An upload of the same picture may be under way: it waits, and then writes its files anew.
    return inTransaction(this.products, async (tx) => {
      await this.repository.holdUploads(tx);
      const still = await this.repository.referred(tx, candidates.map(hashOf));
      const gone = candidates.filter((path) => !still.has(hashOf(path)));
      for (const path of gone) await this.store.remove(path);
      return gone.length;
    });
  }
}
