import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyReply } from 'fastify';
import { AppError } from '../../common/app-error';
import { CACHE } from '../../cache/keys';
import type { RequestWithUser } from '../access.decorators';

type Request = RequestWithUser;

const UNLIMITED = /^\/(health|metrics|docs)/;

/** `GET /v1/products/:id` as the endpoint part of a key: one limit for all products. */
function endpointOf(request: Request): string {
  return `${request.method}${request.routeOptions.url ?? '/'}`;
}

/** Counts requests of one party on one endpoint a minute; says what is left in the IETF draft's headers. */
@Injectable()
abstract class PartyRateLimitGuard extends ThrottlerGuard {
  protected abstract partyOf(request: Request): string | undefined;

  protected override shouldSkip(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return Promise.resolve(true);
    const request = context.switchToHttp().getRequest<Request>();
    return Promise.resolve(UNLIMITED.test(request.url) || this.partyOf(request) === undefined);
  }

  protected override async handleRequest({ context, limit, ttl, throttler }: ThrottlerRequest): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const reply = http.getResponse<FastifyReply>();
    const key = CACHE.rateLimit.key(this.partyOf(request) ?? 'unknown', endpointOf(request));
    const name = throttler.name ?? 'default';
    const hit = await this.storageService.increment(key, ttl, limit, ttl, name);
    const left = Math.max(0, limit - hit.totalHits);
    reply.header('RateLimit-Policy', `"default";q=${limit};w=${Math.round(ttl / 1000)}`);
    reply.header('RateLimit', `"default";r=${left};t=${hit.timeToExpire}`);
    if (!hit.isBlocked) return true;
    throw new AppError(
      'too_many_requests',
      'rate_limited',
      `More than ${limit} requests a minute to this endpoint.`,
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
