import { IsString, Length } from 'class-validator';
import { Trimmed } from '../../http/field.decorators';

export class BeginSecondFactorDto {
  @IsString()
  @Length(1, 256)
  password: string;
}

export class CodeDto {
  /** Of the authenticator app, or a recovery code. */
  @Trimmed()
  @IsString()
  @Length(6, 32)
  code: string;
}

export class SecondFactorLoginDto extends CodeDto {
  /** Of the problem `auth.second_factor_required`. */
  @IsString()
  @Length(1, 1024)
  challengeToken: string;
}

export class SecondFactorDto {
  enabled: boolean;
  recoveryCodesLeft: number;
}

export class BegunSecondFactorDto {
  /** In base32, for typing. */
  secret: string;

  /** For a QR code. */
  otpauthUri: string;
}

export class RecoveryCodesDto {
  /** Each stands in for a code of the app, once. */
  recoveryCodes: string[];
}
