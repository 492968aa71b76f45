import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { isUUID } from 'class-validator';
import { Clock } from '../common/clock';
import type { Role } from '../http/permissions';
import { Settings } from '../settings/settings';

/** What an access token says, once its signature and its time were found right. */
export interface AccessTokenClaims {
  userId: string;
  sessionId: string;
  /** Milliseconds since 1970, of the app's clock. */
  expiresAt: number;
}

/** Of so many bearers the signature is not checked again with each request; the oldest go first. */
const MOST_KNOWN = 10_000;

/** Issues access tokens and reads their claims, by the app's clock: the library only knows the machine's. */
@Injectable()
export class AccessTokenService {
  private readonly checked = new Map<string, AccessTokenClaims>();

  constructor(
    private readonly jwt: JwtService,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  issue(user: { id: string; roles: readonly Role[] }, sessionId: string): string {
    const issuedAt = Math.floor(this.clock.now().getTime() / 1000);
    return this.jwt.sign({
      sub: user.id,
      sid: sessionId,
      roles: user.roles,
      iat: issuedAt,
      exp: issuedAt + this.settings.sessionTtlSeconds,
    });
  }

  /** Null when the payload is expired, or none of ours. */
  read(payload: object): AccessTokenClaims | null {
    const { sub, sid, exp }: { sub?: unknown; sid?: unknown; exp?: unknown } = payload;
    if (typeof exp !== 'number' || exp * 1000 <= this.clock.now().getTime()) return null;
    if (typeof sub !== 'string' || !isUUID(sub) || typeof sid !== 'string' || !isUUID(sid)) return null;
    return { userId: sub, sessionId: sid, expiresAt: exp * 1000 };
  }

  /** What a header whose token was found to be signed right before says, if it is in time yet. */
  known(authorization: string | undefined): AccessTokenClaims | null {
    const token = tokenIn(authorization);
    const claims = token === null ? undefined : this.checked.get(token);
    return claims && claims.expiresAt > this.clock.now().getTime() ? claims : null;
  }

  remember(authorization: string | undefined, claims: AccessTokenClaims): void {
    const token = tokenIn(authorization);
    if (token === null) return;
    const [oldest] = this.checked.keys();
    if (this.checked.size >= MOST_KNOWN && oldest !== undefined) this.checked.delete(oldest);
    this.checked.set(token, claims);
  }
}

/** Passport takes any spaces before the token: by the whole header one token would fill the memory of all. */
function tokenIn(authorization: string | undefined): string | null {
  return /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
