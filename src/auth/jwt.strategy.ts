import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { SigningKeys } from '../common/signing-keys';
import { Settings } from '../settings/settings';
import { AccessTokenService, type AccessTokenClaims } from './access-token.service';

function strategyOptions(settings: Settings) {
  const keys = new SigningKeys(settings);
  const choose = (_: unknown, token: string, done: (error: string | null, key?: KeyObject) => void): void => {
    const key = keys.of(token);
    if (key) done(null, key);
    else done('signed by a key that is none of ours');
  };
  const options = {
    jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
    // One algorithm: a token may not choose `none`, nor have our secret taken for a public key.
    algorithms: ['HS256' as const],
    // By the app's clock instead, in `validate`.
    ignoreExpiration: true,
    secretOrKeyProvider: (): void => undefined,
  };
  // passport-jwt hands the key on to jsonwebtoken, which takes key objects; its types only tell of strings.
  return Object.assign(options, { secretOrKeyProvider: choose });
}

/** Whether the bearer token was signed by us and is in time. Whether its session still holds is asked by the guard. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    settings: Settings,
    private readonly tokens: AccessTokenService,
  ) {
    super(strategyOptions(settings));
  }

  validate(payload: object): AccessTokenClaims | null {
    return this.tokens.read(payload);
  }
}
