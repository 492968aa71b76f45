import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { FastifyReply } from 'fastify';
import { AppError } from '../../common/app-error';
import { CACHE } from '../../cache/keys';
import type { RequestWithUser } from '../access.decorators';
import { PerRoute } from '../per-route';

type Request = RequestWithUser;

const UNLIMITED = /^\/(health|metrics|docs)/;

/** `GET /v1/products/:id` as the endpoint part of a key: one limit for all products. */
function endpointOf(request: Request): string {
  return `${request.method}${request.routeOptions.url ?? '/'}`;
}

/**
 * Counts requests of one party on one endpoint a minute; says what is left in the IETF draft's headers. No route has a
 * limit of its own: of the throttler's decorators only `@SkipThrottle()` is asked for.
 */
@Injectable()
abstract class PartyRateLimitGuard extends ThrottlerGuard {
  /** `@SkipThrottle()`: its own metadata, which the package has no constant for. */
  private readonly skipped = new PerRoute<boolean>((context) => {
    const targets = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<boolean | undefined>(`THROTTLER:SKIP${this.limit.name}`, targets) ?? false;
  });
  private limit = { most: 0, windowMs: 0, policy: '', name: 'default' };

  protected abstract partyOf(request: Request): string | undefined;

  override async onModuleInit(): Promise<void> {
    await super.onModuleInit();
    const [throttler] = this.throttlers;
    const { limit: most, ttl: windowMs, name = 'default' } = throttler ?? {};
    if (typeof most !== 'number' || typeof windowMs !== 'number') throw new TypeError('one fixed limit is expected');
    this.limit = { most, windowMs, name, policy: `"default";q=${most};w=${Math.round(windowMs / 1000)}` };
  }

  override canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return Promise.resolve(true);
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const party = this.partyOf(request);
    if (party === undefined || UNLIMITED.test(request.url) || this.skipped.of(context)) return Promise.resolve(true);
    return this.count(party, request, http.getResponse<FastifyReply>());
  }

  private async count(party: string, request: Request, reply: FastifyReply): Promise<boolean> {
    const { most, windowMs, policy, name } = this.limit;
    const key = CACHE.rateLimit.key(party, endpointOf(request));
    const hit = await this.storageService.increment(key, windowMs, most, windowMs, name);
    reply.header('RateLimit-Policy', policy);
    reply.header('RateLimit', `"default";r=${Math.max(0, most - hit.totalHits)};t=${hit.timeToExpire}`);
    if (!hit.isBlocked) return true;
    throw new AppError(
      'too_many_requests',
      'rate_limited',
      `More than ${most} requests a minute to this endpoint.`,
      {},
      hit.timeToBlockExpire,
    );
  }
}

/** Per address and endpoint: before anyone is asked who they are. */
@Injectable()
export class IpRateLimitGuard extends PartyRateLimitGuard {
  protected partyOf(request: Request): string {
    return request.ip;
  }
}

/** Per signed-in user and endpoint, wherever they come from. */
@Injectable()
export class UserRateLimitGuard extends PartyRateLimitGuard {
  protected partyOf(request: Request): string | undefined {
    return request.user?.userId;
  }
}
