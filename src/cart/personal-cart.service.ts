import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CACHE } from '../cache/keys';
import { VersionedCache } from '../cache/versioned-cache.service';
import { CartRepository } from './cart.repository';
import { CartService } from './cart.service';
import type { CartSnapshot } from './cart.types';

/** No cart comes to so many changes: whatever a reader saw of it is older. */
const AFTER_THE_LAST = 2_147_483_647;

/** What this room keeps of a person: one cart. */
@Injectable()
export class PersonalCartService {
  constructor(
    private readonly carts: CartService,
    private readonly repository: CartRepository,
    private readonly cache: VersionedCache,
  ) {}

  find(userId: string): Promise<CartSnapshot> {
    return this.carts.snapshot(userId);
  }

  /** Its lines go with it. Again it changes nothing. */
  erase(tx: EntityManager, userId: string): void {
    this.repository.removeOf(tx, userId);
  }

  async forgetCached(userId: string): Promise<void> {
    await this.cache.drop(CACHE.cart.key(userId), AFTER_THE_LAST);
  }
}
