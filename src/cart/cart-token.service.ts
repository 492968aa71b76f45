import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { isUUID } from 'class-validator';
import { Clock } from '../common/clock';
import { SigningKeys } from '../common/signing-keys';
import { Settings } from '../settings/settings';
import { invalidCartToken } from './cart.errors';

const ALGORITHM = 'HS256';
const AUDIENCE = 'cart';
const DAY_SECONDS = 86_400;

/** Keys of their own, made of the same secrets: no access token is a cart's token, nor the other way round. */
export function cartTokenKeys(settings: Settings): SigningKeys {
  return new SigningKeys(settings, 'tradepost cart token');
}

/** The token by which a guest finds their cart again: a JWT of the guest's id and its end, by the app's clock. */
@Injectable()
export class CartTokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  issue(guestId: string): string {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const claims = { sub: guestId, aud: AUDIENCE, exp: now + this.settings.guestCartDays * DAY_SECONDS };
    return this.jwt.sign(claims, { algorithm: ALGORITHM, noTimestamp: true });
  }

  /** The guest's id; 401 for what is forged, foreign or expired. */
  read(token: string): string {
    const { sub, exp } = this.claimsOf(token);
    if (typeof sub !== 'string' || !isUUID(sub)) throw invalidCartToken();
    if (typeof exp !== 'number' || exp * 1000 <= this.clock.now().getTime()) throw invalidCartToken();
    return sub;
  }

  private claimsOf(token: string): { sub?: unknown; exp?: unknown } {
    try {
      return this.jwt.verify<object>(token, { algorithms: [ALGORITHM], audience: AUDIENCE, ignoreExpiration: true });
    } catch {
      throw invalidCartToken();
    }
  }
}
