import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AppError } from '../common/app-error';
import { pageByPage } from '../common/pagination';
import { inTransaction } from '../database/sql';
import { Idempotency } from '../http/idempotency/idempotency.service';
import { CheckoutService } from './checkout.service';
import { PersonalCheckoutsRepository, type KeptCheckout } from './personal-checkouts.repository';

export type { KeptCheckout } from './personal-checkouts.repository';

/** What this room keeps of a person: what they meant to buy, and where it was to go. */
@Injectable()
export class PersonalCheckoutsService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly kept: PersonalCheckoutsRepository,
    private readonly checkouts: CheckoutService,
    private readonly idempotency: Idempotency,
  ) {}

  /** Newest first, page by page. */
  ofUser(userId: string, pageSize: number): AsyncGenerator<KeptCheckout> {
    return pageByPage((after, limit) => this.kept.list(this.products, userId, after, limit), pageSize);
  }

  /** Stock held for them is free for others; prices and lines stay. Again it changes nothing. */
  async erase(userId: string): Promise<void> {
    const held = await this.kept.heldOf(this.products, userId);
    // A request of before the account's end may have claimed it just now: its order has the address already.
    if (held !== null) await this.checkouts.release(userId, held).catch(unlessClaimed);
    await inTransaction(this.products, (tx) => {
      this.kept.erase(tx, userId);
      this.idempotency.forgetOf(tx, userId);
      return Promise.resolve();
    });
  }
}

function unlessClaimed(error: unknown): void {
  if (error instanceof AppError && error.kind === 'conflict') return;
  throw error;
}
