import { Global, Module } from '@nestjs/common';
import { makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { Cache } from './cache.service';
import { RedisClient } from './redis.client';
import { VersionedCache } from './versioned-cache.service';

@Global()
@Module({
  providers: [
    RedisClient,
    Cache,
    VersionedCache,
    makeCounterProvider({
      name: 'cache_reads_total',
      help: 'Reads of cached entries by the first part of their key: hit or miss',
      labelNames: ['cache', 'outcome'],
    }),
  ],
  exports: [RedisClient, Cache, VersionedCache],
})
export class CacheModule {}
