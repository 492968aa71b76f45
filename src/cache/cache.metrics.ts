import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

/** `stale`: near its end, answered while one reader refreshes it. */
export type ReadOutcome = 'hit' | 'stale' | 'miss';
/** `refused`: it was removed, or its lease ran out, while the database was read. */
export type FillOutcome = 'stored' | 'refused' | 'failed';
/** `gave_up`: whoever was filling took too long, and the database was asked as well. */
export type WaitOutcome = 'filled' | 'gave_up';

/** What the cache is worth: reads, fills and waits by the first part of the key. */
@Injectable()
export class CacheMetrics {
  /** Counted in each request: the label set of each counter is made once. */
  private readonly counted = new Map<string, Counter.Internal>();

  constructor(
    @InjectMetric('cache_reads_total') private readonly reads: Counter<'cache' | 'outcome'>,
    @InjectMetric('cache_fills_total') private readonly fills: Counter<'cache' | 'outcome'>,
    @InjectMetric('cache_waits_total') private readonly waits: Counter<'cache' | 'outcome'>,
  ) {}

  read(cache: string, outcome: ReadOutcome, times = 1): void {
    if (times > 0) this.count(this.reads, cache, outcome).inc(times);
  }

  filled(cache: string, outcome: FillOutcome): void {
    this.count(this.fills, cache, outcome).inc();
  }

  waited(cache: string, outcome: WaitOutcome): void {
    this.count(this.waits, cache, outcome).inc();
  }

  private count(counter: Counter<'cache' | 'outcome'>, cache: string, outcome: string): Counter.Internal {
    const name = `${cache} ${outcome}`;
    let counted = this.counted.get(name);
    if (!counted) {
      counted = counter.labels(cache, outcome);
      this.counted.set(name, counted);
    }
    return counted;
  }
}
