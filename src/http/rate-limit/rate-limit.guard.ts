import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { FastifyReply } from 'fastify';
import { AppError } from '../../common/app-error';
import { CACHE } from '../../cache/keys';
import type { RequestWithUser } from '../access.decorators';
import { PerRoute } from '../per-route';
import { addressOf } from '../sender.decorator';
import { RATE_LIMIT, type RateLimitName } from './rate-limit.decorator';

type Request = RequestWithUser;

interface Limit {
  most: number;
  windowMs: number;
  policy: string;
}

const UNLIMITED = /^\/(health|metrics|docs)/;
/** `@SkipThrottle()`: its own metadata, which the package has no constant for. */
const SKIPPED = 'THROTTLER:SKIPdefault';

/** `GET /v1/products/:id` as the endpoint part of a key: one limit for all products, and for their heads. */
function endpointOf(request: Request): string {
  return `${request.method === 'HEAD' ? 'GET' : request.method}${request.routeOptions.url ?? '/'}`;
}

/** A header of the IETF's draft is a list: each limit that applies adds its item. */
function addTo(reply: FastifyReply, header: string, item: string): void {
  const before = reply.getHeader(header);
  reply.header(header, typeof before === 'string' ? `${before}, ${item}` : item);
}

/**
 * Counts requests of one party on one endpoint a minute; says what is left in the headers of the IETF's draft. Which
 * limit is a route's, `@RateLimit()` says.
 */
@Injectable()
abstract class PartyRateLimitGuard extends ThrottlerGuard {
  private readonly limits = new Map<string, Limit>();
  /** Null for a route without a limit. */
  private readonly limitOf = new PerRoute<Limit | null>((context) => {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(SKIPPED, targets)) return null;
    const name = this.reflector.getAllAndOverride<RateLimitName | undefined>(RATE_LIMIT, targets) ?? 'default';
    const limit = this.limits.get(name);
    if (!limit) throw new TypeError(`there is no rate limit "${name}"`);
    return limit;
  });

  /** Names the limit in the headers. */
  protected abstract readonly kind: string;

  protected abstract partyOf(request: Request): string | undefined;

  override async onModuleInit(): Promise<void> {
    await super.onModuleInit();
    for (const { name = 'default', limit: most, ttl: windowMs } of this.throttlers) {
      if (typeof most !== 'number' || typeof windowMs !== 'number') throw new TypeError('a fixed limit is expected');
      this.limits.set(name, { most, windowMs, policy: `"${this.kind}";q=${most};w=${Math.round(windowMs / 1000)}` });
    }
  }

  override canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return Promise.resolve(true);
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const party = this.partyOf(request);
    if (party === undefined || UNLIMITED.test(request.url)) return Promise.resolve(true);
    const limit = this.limitOf.of(context);
    if (limit === null) return Promise.resolve(true);
    return this.count(party, request, http.getResponse<FastifyReply>(), limit);
  }

  private async count(party: string, request: Request, reply: FastifyReply, limit: Limit): Promise<boolean> {
    const { most, windowMs, policy } = limit;
    const key = CACHE.rateLimit.key(party, endpointOf(request));
    const hit = await this.storageService.increment(key, windowMs, most, windowMs, this.kind);
    addTo(reply, 'RateLimit-Policy', policy);
    addTo(reply, 'RateLimit', `"${this.kind}";r=${Math.max(0, most - hit.totalHits)};t=${hit.timeToExpire}`);
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

/** Per address and endpoint: before anyone is asked who they are. Of IPv6, what one customer has is one address. */
@Injectable()
export class IpRateLimitGuard extends PartyRateLimitGuard {
  protected readonly kind = 'ip';

  protected partyOf(request: Request): string {
    return addressOf(request.ip);
  }
}

/** Per signed-in user and endpoint, wherever they come from. */
@Injectable()
export class UserRateLimitGuard extends PartyRateLimitGuard {
  protected readonly kind = 'user';

  protected partyOf(request: Request): string | undefined {
    return request.user?.userId;
  }
}
