import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  CurrentUser,
  OpenBeforeEnrolment,
  Public,
  RequirePermission,
  type SignedInUser,
} from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  OptionalIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { ApiCartToken, CartToken } from '../http/cart-token.header';
import { SentFrom, type Sender } from '../http/sender.decorator';
import { tellReplayed } from '../http/idempotency/replayed.header';
import { AuthService } from './auth.service';
import { AuthDto, LoginDto, RefreshDto, RegisterDto } from './dto/auth.dto';
import { SecondFactorLoginDto } from './dto/second-factor.dto';

const MERGE =
  "A guest's cart: it goes into the customer's, of a product in both the larger quantity, as far as 100 lines hold it";

@ApiTags('auth')
@Controller('v1/auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  /** Makes a customer's account and signs in. */
  @Public()
  @Post('register')
  @ApiCartToken(MERGE)
  @ApiIdempotencyKey(false)
  async register(
    @Body() body: RegisterDto,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @SentFrom() sender: Sender,
    @CartToken() cartToken: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AuthDto> {
    return tellReplayed(reply, await this.auth.register(body, key, sender, cartToken));
  }

  @Public()
  @Post('login')
  @HttpCode(200)
  @ApiCartToken(MERGE)
  login(
    @Body() body: LoginDto,
    @SentFrom() sender: Sender,
    @CartToken() cartToken: string | undefined,
  ): Promise<AuthDto> {
    return this.auth.login(body, sender, cartToken);
  }

  /** With the code that `auth.second_factor_required` asks for. */
  @Public()
  @Post('login/second-factor')
  @HttpCode(200)
  @ApiCartToken(MERGE)
  loginByCode(
    @Body() body: SecondFactorLoginDto,
    @SentFrom() sender: Sender,
    @CartToken() cartToken: string | undefined,
  ): Promise<AuthDto> {
    return this.auth.loginByCode(body, sender, cartToken);
  }

  /** Exchanges a refresh token, once, for a new pair. */
  @Public()
  @Post('refresh')
  @HttpCode(200)
  refresh(@Body() body: RefreshDto, @SentFrom() sender: Sender): Promise<AuthDto> {
    return this.auth.refresh(body.refreshToken, sender);
  }

  /** Ends this session at once, on every server. */
  @RequirePermission('own:account')
  @OpenBeforeEnrolment()
  @Post('logout')
  @HttpCode(204)
  logout(@CurrentUser() user: SignedInUser): Promise<void> {
    return this.auth.logout(user.sessionId);
  }
}
