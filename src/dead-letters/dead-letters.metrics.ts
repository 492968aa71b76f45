import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { TOPICS } from '../events/topics';
import { DeadLettersRepository } from './dead-letters.repository';

/** How many dead letters wait for a decision. Measured by background workers only: a server adds up its workers. */
@Injectable()
export class DeadLettersMetrics {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly letters: DeadLettersRepository,
    @InjectMetric('dead_letters_open') private readonly open: Gauge<'topic'>,
  ) {}

  async measure(): Promise<void> {
    try {
      const counts = await this.letters.countOpen(this.database);
      for (const topic of Object.values(TOPICS)) this.open.set({ topic }, counts.get(topic) ?? 0);
    } catch (error) {
      // Of a database that does not answer nothing is known: no number is better than an old one.
      this.open.reset();
      throw error;
    }
  }
}
