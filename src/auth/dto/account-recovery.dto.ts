import { IsString, Length } from 'class-validator';
import { AccountEmail, NewPassword } from './auth.dto';

export class ForgotPasswordDto {
  @AccountEmail()
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
