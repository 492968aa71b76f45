import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import Redis from 'ioredis';
import { Settings } from '../settings/settings';

/** A command that takes longer has failed: the databases behind Redis answer sooner. */
const COMMAND_TIMEOUT_MS = 100;
const RECONNECT_MS = 1_000;

/**
 * The shop's one Redis client. Nothing in Redis is the only copy of what a customer would miss: with Redis down a
 * command fails at once (no queue of commands waiting for it), and the caller goes to PostgreSQL.
 */
@Injectable()
export class RedisClient implements OnModuleInit, OnApplicationShutdown {
  readonly redis: Redis;
  private readonly logger = new Logger('Redis');

  constructor(settings: Settings) {
    this.redis = new Redis(settings.redisUrl, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: 2_000,
      retryStrategy: () => RECONNECT_MS,
    });
    this.redis.on('error', (error: Error) => this.logger.debug(error.message));
    this.redis.on('close', () => this.logger.warn('the connection to Redis is closed; going on without'));
  }

  async onModuleInit(): Promise<void> {
    await this.redis.connect().catch((error: unknown) => this.logger.warn(`starting without Redis: ${String(error)}`));
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }

  /** Runs `command`; when Redis is down, slow or refuses, gives `otherwise` instead. */
  async attempt<T, D>(command: (redis: Redis) => Promise<T>, otherwise: D): Promise<T | D> {
    if (this.redis.status !== 'ready') return otherwise;
    try {
      return await command(this.redis);
    } catch (error) {
      this.logger.warn(`a command failed, going on without: ${String(error)}`);
      return otherwise;
    }
  }
}
