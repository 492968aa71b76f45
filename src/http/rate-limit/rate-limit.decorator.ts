import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

/** Of how many requests a minute a route takes; how many that are, the settings say. */
export type RateLimitName = 'default' | 'sensitive' | 'catalogue';

export const RATE_LIMIT = 'rate-limit:name';

/**
 * Another limit than most routes have: `sensitive` where someone may be guessing (passwords, codes, mailed tokens),
 * `catalogue` for what everyone reads.
 */
export function RateLimit(name: Exclude<RateLimitName, 'default'>): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(RATE_LIMIT, name), ApiExtension('x-rate-limit', name));
}
