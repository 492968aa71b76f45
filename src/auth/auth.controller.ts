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
import { Problems } from '../http/problems.decorator';
import { RateLimit } from '../http/rate-limit/rate-limit.decorator';
import { AuthService } from './auth.service';
import { AuthDto, LoginDto, RefreshDto, RegisterDto } from './dto/auth.dto';
import { SecondFactorLoginDto } from './dto/second-factor.dto';

const MERGE =
  "A guest's cart: it goes into the customer's, of a product in both the larger quantity, as far as 100 lines hold it";

@ApiTags('auth')
@Controller('v1/auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  /**
   * Make an account
   * @remarks Makes a customer's account and signs in.
   */
  @Public()
  @Post('register')
  @ApiCartToken(MERGE)
  @ApiIdempotencyKey(false)
  @Problems('auth.email_taken', 'auth.too_many_attempts', 'cart.invalid_token')
  async register(
    @Body() body: RegisterDto,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @SentFrom() sender: Sender,
    @CartToken() cartToken: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AuthDto> {
    return tellReplayed(reply, await this.auth.register(body, key, sender, cartToken));
  }

  /**
   * Sign in
   * @remarks Gives an access token for `Authorization: Bearer`, and a refresh token for the next one.
   */
  @Public()
  @Post('login')
  @RateLimit('sensitive')
  @HttpCode(200)
  @ApiCartToken(MERGE)
  @Problems('auth.wrong_credentials', 'auth.second_factor_required', 'auth.too_many_attempts', 'cart.invalid_token')
  login(
    @Body() body: LoginDto,
    @SentFrom() sender: Sender,
    @CartToken() cartToken: string | undefined,
  ): Promise<AuthDto> {
    return this.auth.login(body, sender, cartToken);
  }

  /**
   * Sign in, second step
   * @remarks With the code that `auth.second_factor_required` asks for.
   */
  @Public()
  @Post('login/second-factor')
  @RateLimit('sensitive')
  @HttpCode(200)
  @ApiCartToken(MERGE)
  @Problems(
    'auth.invalid_challenge',
    'auth.wrong_code',
    'auth.second_factor_unreadable',
    'auth.too_many_attempts',
    'cart.invalid_token',
  )
  loginByCode(
    @Body() body: SecondFactorLoginDto,
    @SentFrom() sender: Sender,
    @CartToken() cartToken: string | undefined,
  ): Promise<AuthDto> {
    return this.auth.loginByCode(body, sender, cartToken);
  }

  /**
   * Exchange a refresh token
   * @remarks Gives a new pair of tokens, once for each refresh token.
   */
  @Public()
  @Post('refresh')
  @HttpCode(200)
  @Problems('auth.invalid_refresh_token')
  refresh(@Body() body: RefreshDto, @SentFrom() sender: Sender): Promise<AuthDto> {
    return this.auth.refresh(body.refreshToken, sender);
  }

  /**
   * Sign out
   * @remarks Ends this session at once, on every server.
   */
  @RequirePermission('own:account')
  @OpenBeforeEnrolment()
  @Post('logout')
  @HttpCode(204)
  logout(@CurrentUser() user: SignedInUser): Promise<void> {
    return this.auth.logout(user.sessionId);
  }
}
