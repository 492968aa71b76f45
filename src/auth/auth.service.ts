import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CartMergeDto } from '../cart/dto/cart-merge.dto';
import { GuestCartsService } from '../cart/guest-carts.service';
import { inTransaction } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import type { Sender } from '../http/sender.decorator';
import { Settings } from '../settings/settings';
import { UsersService, type UserRecord } from '../users/users.service';
import { AccessTokenService } from './access-token.service';
import {
  emailTaken,
  invalidChallenge,
  invalidRefreshToken,
  secondFactorRequired,
  wrongCredentials,
} from './auth.errors';
import { CHALLENGE_SECONDS, ChallengeTokenService } from './challenge-token.service';
import { AuthDto } from './dto/auth.dto';
import { MailedTokensService } from './mailed-tokens.service';
import { PasswordService } from './password.service';
import { SecondFactorService } from './second-factor.service';
import { SessionsService, type OpenedSession } from './sessions.service';
import { SignInThrottle } from './sign-in-throttle.service';

export interface Credentials {
  email: string;
  password: string;
}

/** Signing up, in and out. */
@Injectable()
export class AuthService {
  constructor(
    @InjectDataSource('users') private readonly source: DataSource,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly passwords: PasswordService,
    private readonly mailedTokens: MailedTokensService,
    private readonly tokens: AccessTokenService,
    private readonly throttle: SignInThrottle,
    private readonly secondFactor: SecondFactorService,
    private readonly challenges: ChallengeTokenService,
    private readonly guestCarts: GuestCartsService,
    private readonly idempotency: Idempotency,
    private readonly settings: Settings,
  ) {}

  /**
   * With an Idempotency-Key the account is made once; its tokens are not stored beside the key, where they could be
   * read. The same key again signs in anew, and like any sign-in only by the password of today.
   */
  async register(
    account: Credentials & { name: string },
    request: IdempotentRequest | null,
    sender: Sender,
    cartToken?: string,
  ): Promise<Outcome<AuthDto>> {
    const guestId = this.guestCarts.guestOf(cartToken);
    this.passwords.check(account.password, account.email);
    // The mail goes to whichever address was typed.
    await this.throttle.admitRegistration(sender);
    const passwordHash = await this.passwords.hash(account.password);
    const { body, replayed } = await inTransaction(this.source, (tx) =>
      this.idempotency.once(tx, this.sealed(request), async () => {
        const user = await this.users.create(tx, { email: account.email, name: account.name, passwordHash });
        if (!user) throw emailTaken();
        this.mailedTokens.mail(tx, user, 'email_verification');
        return { userId: user.id };
      }),
    );
    if (replayed) return { body: await this.login(account, sender, cartToken), replayed };
    const user = await this.users.find(body.userId);
    if (!user) throw wrongCredentials();
    return { body: await this.openSession({ ...user, passwordHash, withCode: false }, sender, guestId), replayed };
  }

  /** A cart token that is none of ours is refused before the password is looked at. */
  async login({ email, password }: Credentials, sender: Sender, cartToken?: string): Promise<AuthDto> {
    const guestId = this.guestCarts.guestOf(cartToken);
    const counted = await this.throttle.admit(email, sender);
    const user = await this.users.findByEmail(email);
    const matches = await this.passwords.matches(user?.passwordHash ?? null, password);
    if (!user || !matches) throw wrongCredentials();
    await this.throttle.welcome(email, sender, counted);
    if (await this.secondFactor.isAskedFor(user.id)) {
      throw secondFactorRequired(this.challenges.issue(user), CHALLENGE_SECONDS);
    }
    return this.openSession({ ...user, withCode: false }, sender, guestId);
  }

  /** The second step of `login`, where one is needed. */
  async loginByCode(
    { challengeToken, code }: { challengeToken: string; code: string },
    sender: Sender,
    cartToken?: string,
  ): Promise<AuthDto> {
    const guestId = this.guestCarts.guestOf(cartToken);
    const user = await this.users.findWithPassword(this.challenges.userOf(challengeToken));
    if (!user || !this.challenges.isFor(challengeToken, user.passwordHash)) throw invalidChallenge();
    await this.secondFactor.prove(user.id, code);
    return this.openSession({ ...user, withCode: true }, sender, guestId);
  }

  async refresh(refreshToken: string, sender: Sender): Promise<AuthDto> {
    const session = await this.sessions.rotate(refreshToken, sender);
    const user = await this.users.find(session.userId);
    if (!user) throw invalidRefreshToken();
    return this.answer(user, session);
  }

  async logout(sessionId: string): Promise<void> {
    await this.sessions.end(sessionId);
  }

  /**
   * Makes the admin, or gives an account that is there the role and this password. Who is admin already is left alone:
   * each deployment asks for it, and their password of today may be another. It is replaced only by `resetPassword`.
   */
  async createAdmin(email: string, password: string, resetPassword: boolean): Promise<void> {
    const known = await this.users.findByEmail(email);
    const isAdmin = known?.roles.includes('admin') === true;
    if (isAdmin && !resetPassword) return;
    const matches = await this.passwords.matches(known?.passwordHash ?? null, password);
    if (isAdmin && matches) return;
    const passwordHash = matches && known ? known.passwordHash : await this.passwords.hash(password);
    const { admin, ended } = await inTransaction(this.source, async (tx) => {
      if (known && !isAdmin && !matches) await this.secondFactor.removeUnproven(tx, known.id);
      const user = await this.users.createAdmin(tx, { email, name: known?.name ?? 'Admin', passwordHash });
      return { admin: user, ended: matches ? [] : await this.sessions.endAllOf(tx, user.id) };
    });
    await this.sessions.bury(...ended);
    await this.users.remember(admin);
  }

  /** Removes sessions and mailed tokens that ran out; returns how many rows. */
  async sweepSessions(): Promise<number> {
    return (await this.sessions.sweep()) + (await this.mailedTokens.sweep());
  }

  /** The body's plain SHA-256 would let who reads the key's row try passwords fast; with a secret it tells nothing. */
  private sealed(request: IdempotentRequest | null): IdempotentRequest | null {
    if (!request) return null;
    const requestHash = createHmac('sha256', this.settings.jwtSecret).update(request.requestHash).digest('hex');
    return { ...request, requestHash };
  }

  /** The guest's cart becomes the user's together with the session, or not at all. */
  private async openSession(
    user: UserRecord & { passwordHash: string; withCode: boolean },
    sender: Sender,
    guestId: string | null,
  ): Promise<AuthDto> {
    const { session, cart } = await inTransaction(this.source, async (tx) => ({
      session: await this.sessions.open(tx, user, sender),
      cart: guestId === null ? null : await this.guestCarts.merge(tx, guestId, user.id),
    }));
    if (cart === null) return this.answer(user, session);
    await this.guestCarts.forget(cart);
    return { ...this.answer(user, session), cartMerge: CartMergeDto.of(cart) };
  }

  private answer(user: UserRecord, session: OpenedSession): AuthDto {
    return AuthDto.of(user, {
      accessToken: this.tokens.issue(user, session.id),
      refreshToken: session.refreshToken,
      expiresIn: this.settings.sessionTtlSeconds,
    });
  }
}
