import { IsEmail, IsString, Length, Matches, MaxLength } from 'class-validator';
import { Trimmed } from '../../http/field.decorators';
import { NewPassword } from './auth.dto';

export class ForgotPasswordDto {
  @Trimmed()
  @IsEmail()
  @MaxLength(255)
  @Matches(/^\P{Cc}*$/u)
  email: string;
}

export class ResetPasswordDto {
  /** As it was mailed. */
  @IsString()
  @Length(1, 200)
  token: string;

  @NewPassword()
  password: string;
}

export class VerifyEmailDto {
  /** As it was mailed. */
  @IsString()
  @Length(1, 200)
  token: string;
}
