import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsEmail, IsString, Length, Matches, MaxLength } from 'class-validator';
import { CartMergeDto } from '../../cart/dto/cart-merge.dto';
import { ERASED_DOMAIN } from '../../common/erased.mark';
import { OneLine, Trimmed } from '../../http/field.decorators';
import type { UserRecord } from '../../users/users.service';

/** Argon2 hashes any length; a megabyte of password only keeps the server busy. */
const MAX_PASSWORD_LENGTH = 256;
/** Accounts that were made when 8 were enough keep theirs until it is changed. */
const NEW_PASSWORD = { min: 10, max: 128 };

/** A password that is to be set. That it is none of the common ones is told by `password.service.ts`. */
export function NewPassword(): PropertyDecorator {
  return applyDecorators(IsString(), Length(NEW_PASSWORD.min, NEW_PASSWORD.max));
}

/** In lower case from the start: what is counted of an email is counted by the name that its row has. One of
 * an erased account is nobody's: who had it first would keep that account from being erased. */
export function AccountEmail(): PropertyDecorator {
  return applyDecorators(
    Trimmed(),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
    IsEmail({ allow_utf8_local_part: false, host_blacklist: [ERASED_DOMAIN] }),
    MaxLength(254),
    Matches(/^\P{Cc}*$/u),
  );
}

export class RegisterDto {
  @AccountEmail()
  email: string;

  @NewPassword()
  password: string;

  @OneLine(255)
  name: string;
}

export class LoginDto {
  @AccountEmail()
  email: string;

  @IsString()
  @Length(1, MAX_PASSWORD_LENGTH)
  password: string;
}

export class RefreshDto {
  @IsString()
  @Length(1, 512)
  refreshToken: string;
}

export class AuthUserDto {
  id: string;
  email: string;
  name: string;
  roles: string[];
}

export class AuthDto {
  user: AuthUserDto;

  /** A JWT, for `Authorization: Bearer`. */
  accessToken: string;

  /** Good for one refresh. */
  refreshToken: string;

  /** Life of the access token, in seconds. */
  expiresIn: number;

  /** With `X-Cart-Token`, and only the first time: its cart is gone afterwards. */
  cartMerge?: CartMergeDto;

  static of(user: UserRecord, tokens: Pick<AuthDto, 'accessToken' | 'refreshToken' | 'expiresIn'>): AuthDto {
    const { id, email, name, roles } = user;
    const { accessToken, refreshToken, expiresIn } = tokens;
    return Object.assign(new AuthDto(), { user: { id, email, name, roles }, accessToken, refreshToken, expiresIn });
  }
}
