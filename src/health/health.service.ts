import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Admin } from 'kafkajs';
import type { Connection as MongoConnection } from 'mongoose';
import type { DataSource } from 'typeorm';
import { RedisClient } from '../cache/redis.client';
import { sql } from '../database/sql';
import { createKafka } from '../messaging/kafka/kafka.client';
import { Settings } from '../settings/settings';

const CHECK_WITHIN_MS = 2_000;

export type DependencyState = 'up' | 'down';
export interface Readiness {
  status: 'ok' | 'degraded' | 'down';
  dependencies: Record<string, DependencyState>;
}

function within<T>(check: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_WITHIN_MS);
  });
  return Promise.race([check, late]).finally(() => clearTimeout(timer));
}

/** Asks every dependency whether it answers. */
@Injectable()
export class HealthService {
  private readonly checks: readonly (readonly [name: string, check: () => Promise<unknown>])[];
  private kafka: Promise<Admin> | null = null;
  private closing = false;

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    @InjectConnection() mongo: MongoConnection,
    redis: RedisClient,
    private readonly settings: Settings,
  ) {
    this.checks = [
      ['postgres-users', () => sql(users, 'SELECT 1')],
      ['postgres-products', () => sql(products, 'SELECT 1')],
      ['postgres-orders', () => sql(orders, 'SELECT 1')],
      ['redis', () => redis.redis.ping()],
      ['kafka', () => this.askKafka()],
      ['mongo', () => mongo.db?.command({ ping: 1 }) ?? Promise.reject(new Error('not connected'))],
    ];
  }

  /** Which dependencies answer this process within two seconds. */
  async states(): Promise<[name: string, state: DependencyState][]> {
    return Promise.all(
      this.checks.map(async ([name, check]): Promise<[string, DependencyState]> => {
        const up = await within(check()).then(
          () => true,
          () => false,
        );
        return [name, up ? 'up' : 'down'];
      }),
    );
  }

  /** Degraded while anything can be served; down only when no database answers. */
  async readiness(): Promise<Readiness> {
    const dependencies: Record<string, DependencyState> = {};
    const states = await this.states();
    for (const [name, state] of states) dependencies[name] = state;
    const databasesDown = states
      .filter(([name]) => name.startsWith('postgres-'))
      .every(([, state]) => state === 'down');
    const allUp = states.every(([, state]) => state === 'up');
    return { status: databasesDown || this.closing ? 'down' : allUp ? 'ok' : 'degraded', dependencies };
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    await this.kafka?.then((admin) => admin.disconnect()).catch(() => undefined);
  }

  /** One connection is kept: a new one at every probe would be work for the broker. */
  private async askKafka(): Promise<void> {
    const connected = (this.kafka ??= this.connectKafka());
    try {
      const admin = await connected;
      await admin.describeCluster();
    } catch (error) {
      if (this.kafka === connected) this.kafka = null;
      void connected.then((admin) => admin.disconnect()).catch(() => undefined);
      throw error;
    }
  }

  private async connectKafka(): Promise<Admin> {
    const admin = createKafka(this.settings).admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
    return admin;
  }
}
