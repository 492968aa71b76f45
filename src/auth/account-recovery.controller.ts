import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, Public, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { Problems } from '../http/problems.decorator';
import { RateLimit } from '../http/rate-limit/rate-limit.decorator';
import { SentFrom, type Sender } from '../http/sender.decorator';
import { AccountRecoveryService } from './account-recovery.service';
import { ForgotPasswordDto, ResetPasswordDto, VerifyEmailDto } from './dto/account-recovery.dto';

@ApiTags('auth')
@Controller('v1/auth')
export class AccountRecoveryController {
  constructor(private readonly recovery: AccountRecoveryService) {}

  /**
   * Ask for a new password
   * @remarks Mails a token to the email's account, if there is one: the answer is the same.
   */
  @Public()
  @Post('password/forgot')
  @RateLimit('sensitive')
  @HttpCode(202)
  @Problems('auth.too_many_attempts')
  forgotPassword(@Body() body: ForgotPasswordDto, @SentFrom() sender: Sender): Promise<void> {
    return this.recovery.forgot(body.email, sender);
  }

  /**
   * Set a new password
   * @remarks By the mailed token, once; ends all sessions.
   */
  @Public()
  @Post('password/reset')
  @RateLimit('sensitive')
  @HttpCode(204)
  @Problems('auth.invalid_token')
  resetPassword(@Body() body: ResetPasswordDto): Promise<void> {
    return this.recovery.reset(body.token, body.password);
  }

  /**
   * Verify an email
   * @remarks By the token that was mailed to it.
   */
  @Public()
  @Post('email/verify')
  @RateLimit('sensitive')
  @HttpCode(204)
  @Problems('auth.invalid_token')
  verifyEmail(@Body() body: VerifyEmailDto): Promise<void> {
    return this.recovery.verifyEmail(body.token);
  }

  /**
   * Mail the verification again
   * @remarks Unless the email is verified.
   */
  @RequirePermission('own:account')
  @Post('email/verification')
  @RateLimit('sensitive')
  @HttpCode(202)
  @Problems('auth.too_many_attempts')
  sendVerification(@CurrentUser() user: SignedInUser, @SentFrom() sender: Sender): Promise<void> {
    return this.recovery.mailVerification(user.userId, sender);
  }
}
