import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { ApiKeysModule } from '../api-keys/api-keys.module';
import { CartModule } from '../cart/cart.module';
import { SigningKeys } from '../common/signing-keys';
import { IpRateLimitGuard, UserRateLimitGuard } from '../http/rate-limit/rate-limit.guard';
import { NotificationsModule } from '../notifications/notifications.module';
import { Settings } from '../settings/settings';
import { UsersModule } from '../users/users.module';
import { AccessTokenService } from './access-token.service';
import { AccountRecoveryController } from './account-recovery.controller';
import { AccountRecoveryService } from './account-recovery.service';
import { AccountTokensRepository } from './account-tokens.repository';
import { AttemptsService } from './attempts.service';
import { AuthController } from './auth.controller';
import { AuthService } from './auth.service';
import { ChallengeTokenService } from './challenge-token.service';
import { JwtStrategy } from './jwt.strategy';
import { MailedTokensService } from './mailed-tokens.service';
import { PasswordService } from './password.service';
import { PersonalAccessRepository } from './personal-access.repository';
import { PersonalAccessService } from './personal-access.service';
import { PermissionsGuard } from './permissions.guard';
import { SecondFactorController } from './second-factor.controller';
import { SecondFactorService } from './second-factor.service';
import { SecondFactorsRepository } from './second-factors.repository';
import { SessionGuard } from './session.guard';
import { SessionsController } from './sessions.controller';
import { SessionsRepository } from './sessions.repository';
import { SessionsService } from './sessions.service';
import { SignInThrottle } from './sign-in-throttle.service';

@Module({
  imports: [
    ApiKeysModule,
    UsersModule,
    CartModule,
    NotificationsModule,
    PassportModule,
    JwtModule.registerAsync({
      inject: [Settings],
      useFactory: (settings: Settings) => {
        const keys = new SigningKeys(settings);
        return {
          secretOrKeyProvider: keys.provide,
          signOptions: { algorithm: 'HS256' as const, keyid: keys.newest.kid },
        };
      },
    }),
  ],
  controllers: [AuthController, SessionsController, AccountRecoveryController, SecondFactorController],
  providers: [
    AuthService,
    SessionsService,
    SessionsRepository,
    PasswordService,
    AttemptsService,
    SecondFactorService,
    SecondFactorsRepository,
    ChallengeTokenService,
    SignInThrottle,
    AccountRecoveryService,
    MailedTokensService,
    AccountTokensRepository,
    AccessTokenService,
    PersonalAccessRepository,
    PersonalAccessService,
    JwtStrategy,
    // Every request passes these in this order: a flood is stopped before anyone is asked who they are.
    { provide: APP_GUARD, useClass: IpRateLimitGuard },
    { provide: APP_GUARD, useClass: SessionGuard },
    { provide: APP_GUARD, useClass: UserRateLimitGuard },
    { provide: APP_GUARD, useClass: PermissionsGuard },
  ],
  exports: [AuthService, PasswordService, PersonalAccessService, SecondFactorService, SessionsService],
})
export class AuthModule {}
