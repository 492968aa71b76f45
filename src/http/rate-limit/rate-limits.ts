import type { Settings } from '../../settings/settings';
import type { RateLimitName } from './rate-limit.decorator';

const MINUTE_MS = 60_000;

interface NamedLimit {
  name: RateLimitName;
  limit: number;
  ttl: number;
}

/** What the throttler is told. Where guessing is expected there is never more than elsewhere. */
export function rateLimitsOf(settings: Settings): NamedLimit[] {
  const { rateLimitPerMinute: most, rateLimitSensitivePerMinute: sensitive } = settings;
  const perMinute: Record<RateLimitName, number> = {
    default: most,
    sensitive: Math.min(most, sensitive),
    catalogue: settings.rateLimitCataloguePerMinute,
  };
  const scaled = (requests: number): number => Math.max(1, Math.round(requests * settings.rateLimitScale));
  return [
    { name: 'default', limit: scaled(perMinute.default), ttl: MINUTE_MS },
    { name: 'sensitive', limit: scaled(perMinute.sensitive), ttl: MINUTE_MS },
    { name: 'catalogue', limit: scaled(perMinute.catalogue), ttl: MINUTE_MS },
  ];
}
