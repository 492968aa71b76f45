import { Global, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { RedisClient } from '../cache/redis.client';
import { Settings } from '../settings/settings';
import { EventsController } from './events.controller';
import { Idempotency } from './idempotency/idempotency.service';
import { ProblemsController } from './problems.controller';
import { rateLimitsOf } from './rate-limit/rate-limits';
import { RedisThrottlerStorage } from './rate-limit/redis-throttler.storage';

/** What every route shares: validation, problem documents, idempotency keys, rate limits, the request's context. */
@Global()
@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [Settings, RedisClient],
      useFactory: (settings: Settings, client: RedisClient) => ({
        throttlers: rateLimitsOf(settings),
        storage: new RedisThrottlerStorage(client),
      }),
    }),
  ],
  controllers: [ProblemsController, EventsController],
  providers: [Idempotency],
  exports: [Idempotency, ThrottlerModule],
})
export class HttpModule {}
