import { Injectable } from '@nestjs/common';
import { HealthService } from '../health/health.service';
import type { Store } from './consistency.types';
import { ProviderBooksClient } from './provider-books.client';

/** Tells which stores do not answer, so that what needs them is not asked, nor taken for broken. */
@Injectable()
export class StoreProbe {
  constructor(
    private readonly health: HealthService,
    private readonly books: ProviderBooksClient,
  ) {}

  /** A store that was only slow to connect is asked once more. */
  async down(): Promise<ReadonlySet<string>> {
    const first = await this.ask();
    return first.size === 0 ? first : this.ask();
  }

  private async ask(): Promise<Set<string>> {
    const provider: Store = 'payment-provider';
    const [{ dependencies }, booksAnswer] = await Promise.all([
      this.health.readiness(),
      this.books.ping().then(
        () => true,
        () => false,
      ),
    ]);
    const down = Object.entries(dependencies).filter(([, state]) => state === 'down');
    return new Set([...down.map(([name]) => name), ...(booksAnswer ? [] : [provider])]);
  }
}
