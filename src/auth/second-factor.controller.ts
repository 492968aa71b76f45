import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, OpenBeforeEnrolment, RequirePermission, type SignedInUser } from '../http/access.decorators';
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

  @Get()
  get(@CurrentUser() user: SignedInUser): Promise<SecondFactorDto> {
    return this.secondFactor.state(user.userId);
  }

  /** Gives the secret for an authenticator app. Nothing is asked for until a first code confirms it. */
  @Post()
  @HttpCode(200)
  begin(@CurrentUser() user: SignedInUser, @Body() body: BeginSecondFactorDto): Promise<BegunSecondFactorDto> {
    return this.secondFactor.begin(user.userId, body.password);
  }

  /** From now on a code is asked for at sign-in. The recovery codes are told this once. Other sessions end. */
  @Post('confirm')
  @HttpCode(200)
  async confirm(@CurrentUser() user: SignedInUser, @Body() body: CodeDto): Promise<RecoveryCodesDto> {
    return { recoveryCodes: await this.secondFactor.confirm(user, body.code) };
  }

  /** Takes it away, by a code. */
  @Delete()
  @HttpCode(204)
  disable(@CurrentUser() user: SignedInUser, @Body() body: CodeDto): Promise<void> {
    return this.secondFactor.disable(user, body.code);
  }
}
