import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, Public, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { SentFrom, type Sender } from '../http/sender.decorator';
import { AccountRecoveryService } from './account-recovery.service';
import { ForgotPasswordDto, ResetPasswordDto, VerifyEmailDto } from './dto/account-recovery.dto';

@ApiTags('auth')
@Controller('v1/auth')
export class AccountRecoveryController {
  constructor(private readonly recovery: AccountRecoveryService) {}

  /** Mails a token to the email's account, if there is one: the answer is the same. */
  @Public()
  @Post('password/forgot')
  @HttpCode(202)
  forgotPassword(@Body() body: ForgotPasswordDto, @SentFrom() sender: Sender): Promise<void> {
    return this.recovery.forgot(body.email, sender);
  }

  /** Sets a new password by the mailed token, once, and ends all sessions. */
  @Public()
  @Post('password/reset')
  @HttpCode(204)
  resetPassword(@Body() body: ResetPasswordDto): Promise<void> {
    return this.recovery.reset(body.token, body.password);
  }

  /** Verifies the email of an account by the token that was mailed to it. */
  @Public()
  @Post('email/verify')
  @HttpCode(204)
  verifyEmail(@Body() body: VerifyEmailDto): Promise<void> {
    return this.recovery.verifyEmail(body.token);
  }

  /** Mails the token once more, unless the email is verified. */
  @RequirePermission('own:account')
  @Post('email/verification')
  @HttpCode(202)
  sendVerification(@CurrentUser() user: SignedInUser, @SentFrom() sender: Sender): Promise<void> {
    return this.recovery.mailVerification(user.userId, sender);
  }
}
