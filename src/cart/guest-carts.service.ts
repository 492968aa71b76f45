import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { CACHE } from '../cache/keys';
import { VersionedCache } from '../cache/versioned-cache.service';
import { inTransaction } from '../database/sql';
import { Settings } from '../settings/settings';
import { CartTokens } from './cart-token.service';
import type { CartItem } from './cart.types';
import { GuestCartsRepository } from './guest-carts.repository';

const SWEEP_BATCH = 1_000;

/** What became of a guest's cart, and which copies in Redis are old by it. */
export interface MergedCart {
  merged: number;
  dropped: CartItem[];
  outdated: { key: string; version: number }[];
}

/** What happens to guests' carts in the end: they become a user's, or run out. */
@Injectable()
export class GuestCartsService {
  constructor(
    @InjectDataSource('users') private readonly source: DataSource,
    private readonly guests: GuestCartsRepository,
    private readonly tokens: CartTokens,
    private readonly cache: VersionedCache,
    private readonly settings: Settings,
  ) {}

  /** Null without a token; 401 when it is none of ours. */
  guestOf(token: string | undefined): string | null {
    return token === undefined ? null : this.tokens.read(token);
  }

  /**
   * Moves what is in the guest's cart to the user's; null when there is no such cart (any more), as after the first of
   * two sign-ins with one token. To be told to `forget` once `tx` is committed. The guest's cart is locked first and
   * the user's second, by everyone who locks both.
   */
  async merge(tx: EntityManager, guestId: string, userId: string): Promise<MergedCart | null> {
    const from = await this.guests.lock(tx, guestId);
    if (!from) return null;
    const into = await this.guests.lockOfUser(tx, userId, uuidv7());
    const [lines] = await Promise.all([this.guests.merge(tx, into, from), this.guests.remove(tx, from)]);
    const dropped = lines.filter(({ fits }) => !fits);
    return {
      merged: lines.length - dropped.length,
      dropped: dropped.map(({ productId, quantity }) => ({ productId, quantity })),
      outdated: [
        { key: CACHE.cart.key(userId), version: into.version },
        { key: CACHE.guestCart.key(guestId), version: from.version + 1 },
      ],
    };
  }

  async forget({ outdated }: MergedCart): Promise<void> {
    await Promise.all(outdated.map(({ key, version }) => this.cache.drop(key, version)));
  }

  /** Removes carts a day after their last token ran out; returns how many. */
  async sweep(): Promise<number> {
    const days = this.settings.guestCartDays + 1;
    for (let swept = 0; ;) {
      const batch = await inTransaction(this.source, (tx) => this.guests.sweep(tx, days, SWEEP_BATCH));
      swept += batch;
      if (batch < SWEEP_BATCH) return swept;
    }
  }
}
