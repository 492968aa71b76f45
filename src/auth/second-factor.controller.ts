import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, OpenBeforeEnrolment, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { Problems } from '../http/problems.decorator';
import { RateLimit } from '../http/rate-limit/rate-limit.decorator';
import {
  BeginSecondFactorDto,
  BegunSecondFactorDto,
  CodeDto,
  RecoveryCodesDto,
  SecondFactorDto,
} from './dto/second-factor.dto';
import { SecondFactorService } from './second-factor.service';

@ApiTags('auth')
@OpenBeforeEnrolment()
@RequirePermission('own:account')
@Controller('v1/auth/two-factor')
export class SecondFactorController {
  constructor(private readonly secondFactor: SecondFactorService) {}

  /**
   * Read the second factor
   * @remarks Whether one is on, and how many recovery codes are left.
   */
  @Get()
  get(@CurrentUser() user: SignedInUser): Promise<SecondFactorDto> {
    return this.secondFactor.state(user.userId);
  }

  /**
   * Begin a second factor
   * @remarks Gives the secret for an authenticator app. Nothing is asked for until a first code confirms it.
   */
  @Post()
  @RateLimit('sensitive')
  @HttpCode(200)
  @Problems('auth.wrong_password', 'auth.second_factor_is_on', 'auth.too_many_attempts')
  begin(@CurrentUser() user: SignedInUser, @Body() body: BeginSecondFactorDto): Promise<BegunSecondFactorDto> {
    return this.secondFactor.begin(user.userId, body.password);
  }

  /**
   * Confirm the second factor
   * @remarks From now on a code is asked for at sign-in. The recovery codes are told this once. Other sessions end.
   */
  @Post('confirm')
  @RateLimit('sensitive')
  @HttpCode(200)
  @Problems(
    'auth.wrong_code',
    'auth.second_factor_not_found',
    'auth.second_factor_is_on',
    'auth.second_factor_unreadable',
    'auth.too_many_attempts',
  )
  async confirm(@CurrentUser() user: SignedInUser, @Body() body: CodeDto): Promise<RecoveryCodesDto> {
    return { recoveryCodes: await this.secondFactor.confirm(user, body.code) };
  }

  /**
   * Take the second factor away
   * @remarks By a code of it, or a recovery code. Where admins need one, they can then only get another.
   */
  @Delete()
  @RateLimit('sensitive')
  @HttpCode(204)
  @Problems(
    'auth.wrong_code',
    'auth.second_factor_not_found',
    'auth.second_factor_unreadable',
    'auth.too_many_attempts',
  )
  disable(@CurrentUser() user: SignedInUser, @Body() body: CodeDto): Promise<void> {
    return this.secondFactor.disable(user.userId, body.code);
  }
}
