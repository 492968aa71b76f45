import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { isUUID } from 'class-validator';
import { Clock } from '../common/clock';
import { SigningKeys } from '../common/signing-keys';
import { Settings } from '../settings/settings';
import { invalidChallenge } from './auth.errors';

const ALGORITHM = 'HS256';
const AUDIENCE = 'second-factor';
/** Time to find the phone. */
export const CHALLENGE_SECONDS = 300;

/** The password as of now: a challenge for an older one is worth nothing. */
function fingerprintOf(passwordHash: string): string {
  return createHash('sha256').update(passwordHash).digest('base64url').slice(0, 16);
}

/** Says that the password was right and the code is still to come: a JWT under a key of its own, so no access token. */
@Injectable()
export class ChallengeTokenService {
  private readonly jwt: JwtService;

  constructor(
    private readonly clock: Clock,
    settings: Settings,
  ) {
    const keys = new SigningKeys(settings, 'tradepost second factor');
    this.jwt = new JwtService({ secretOrKeyProvider: keys.provide, signOptions: { keyid: keys.newest.kid } });
  }

  issue(user: { id: string; passwordHash: string }): string {
    const exp = Math.floor(this.clock.now().getTime() / 1000) + CHALLENGE_SECONDS;
    const claims = { sub: user.id, aud: AUDIENCE, pwd: fingerprintOf(user.passwordHash), exp };
    return this.jwt.sign(claims, { algorithm: ALGORITHM, noTimestamp: true });
  }

  /** Whose password was shown; 401 for what is forged, foreign or expired. */
  userOf(token: string): string {
    const { sub } = this.claimsOf(token);
    if (typeof sub !== 'string' || !isUUID(sub)) throw invalidChallenge();
    return sub;
  }

  /** Whether the password is still the one that was shown. */
  isFor(token: string, passwordHash: string): boolean {
    return this.claimsOf(token).pwd === fingerprintOf(passwordHash);
  }

  private claimsOf(token: string): { sub?: unknown; pwd?: unknown } {
    const claims = this.verified(token);
    if (typeof claims.exp === 'number' && claims.exp * 1000 > this.clock.now().getTime()) return claims;
    throw invalidChallenge();
  }

  private verified(token: string): { sub?: unknown; pwd?: unknown; exp?: unknown } {
    try {
      return this.jwt.verify<object>(token, {
        algorithms: [ALGORITHM],
        audience: AUDIENCE,
        ignoreExpiration: true,
      });
    } catch {
      throw invalidChallenge();
    }
  }
}
