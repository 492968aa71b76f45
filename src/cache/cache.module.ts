import { Global, Module } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { CacheMetrics } from './cache.metrics';
import { Cache } from './cache.service';
import { RedisCircuit } from './redis-circuit.policy';
import { RedisClient } from './redis.client';
import { VersionedCache } from './versioned-cache.service';

@Global()
@Module({
  providers: [
    RedisCircuit,
    RedisClient,
    Cache,
    VersionedCache,
    CacheMetrics,
    makeCounterProvider({
      name: 'cache_reads_total',
      help: 'Reads of cached entries by the first part of their key: hit, stale (near its end, being refreshed) or miss',
      labelNames: ['cache', 'outcome'],
    }),
    makeCounterProvider({
      name: 'cache_fills_total',
      help: 'Entries read anew: stored, refused (removed meanwhile) or failed',
      labelNames: ['cache', 'outcome'],
    }),
    makeCounterProvider({
      name: 'cache_waits_total',
      help: 'Readers that waited for the one who fills: filled, or gave_up and asked the database too',
      labelNames: ['cache', 'outcome'],
    }),
    makeCounterProvider({
      name: 'redis_errors_total',
      help: 'Commands that failed: timeout, connection or refused by Redis',
      labelNames: ['kind'],
    }),
    makeGaugeProvider({ name: 'redis_circuit_state', help: 'Circuit before Redis: 0 closed, 1 half open, 2 open' }),
    makeCounterProvider({ name: 'redis_circuit_opens_total', help: 'Times the circuit before Redis opened' }),
  ],
  exports: [RedisClient, Cache, VersionedCache],
})
export class CacheModule {}
