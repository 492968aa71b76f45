import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import type { Sender } from '../http/sender.decorator';
import { UsersService } from '../users/users.service';
import { invalidMailedToken } from './auth.errors';
import { MailedTokensService } from './mailed-tokens.service';
import { PasswordService } from './password.service';
import { SecondFactorService } from './second-factor.service';
import { SessionsService } from './sessions.service';
import { SignInThrottle } from './sign-in-throttle.service';

/** Whatever the work takes that an email with an account makes: the time tells nobody which have. */
const ANSWERS_AFTER_MS = 200;

/** What the owner of a mailbox may do without a password. */
@Injectable()
export class AccountRecoveryService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(AccountRecoveryService.name);
  private readonly mailing = new Set<Promise<void>>();

  constructor(
    @InjectDataSource('users') private readonly source: DataSource,
    private readonly users: UsersService,
    private readonly tokens: MailedTokensService,
    private readonly passwords: PasswordService,
    private readonly sessions: SessionsService,
    private readonly secondFactor: SecondFactorService,
    private readonly throttle: SignInThrottle,
  ) {}

  /** Mails a token when the email has an account. Whether it has is told to nobody. */
  async forgot(email: string, sender: Sender): Promise<void> {
    await this.throttle.admitMail(email, sender);
    const mailing = this.mailReset(email)
      .catch((error: unknown) => this.logger.error(`a mail for a new password was not queued: ${String(error)}`))
      .finally(() => this.mailing.delete(mailing));
    this.mailing.add(mailing);
    await new Promise((resolve) => setTimeout(resolve, ANSWERS_AFTER_MS));
  }

  /** Answered already: whoever asked for these waits for them. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.mailing);
  }

  /** Whoever had a session, by the old password, has none afterwards. */
  async reset(token: string, password: string): Promise<void> {
    const ownerId = await this.tokens.ownerOf(token, 'password_reset');
    const owner = ownerId === null ? null : await this.users.find(ownerId);
    if (!owner) throw invalidMailedToken();
    // A password that is refused leaves the token as it was.
    this.passwords.check(password, owner.email);
    const passwordHash = await this.passwords.hash(password);
    const { user, ended } = await inTransaction(this.source, async (tx) => {
      const userId = await this.tokens.consume(tx, token, 'password_reset');
      if (userId === null) throw invalidMailedToken();
      await this.secondFactor.removeUnproven(tx, userId);
      return {
        user: await this.users.setPassword(tx, userId, passwordHash),
        ended: await this.sessions.endAllOf(tx, userId),
      };
    });
    await this.sessions.bury(...ended);
    await this.throttle.beginAnew(user.email);
    await this.users.remember(user);
  }

  /** Shows that the user reads mail to their address. */
  async verifyEmail(token: string): Promise<void> {
    const user = await inTransaction(this.source, async (tx) => {
      const userId = await this.tokens.consume(tx, token, 'email_verification');
      if (userId === null) throw invalidMailedToken();
      return this.users.markEmailVerified(tx, userId);
    });
    await this.users.remember(user);
  }

  /** One that is verified gets no mail. */
  async mailVerification(userId: string, sender: Sender): Promise<void> {
    const user = await this.users.find(userId);
    if (!user || user.emailVerified) return;
    await this.throttle.admitMail(user.email, sender);
    await inTransaction(this.source, (tx) => {
      this.tokens.mail(tx, user, 'email_verification');
      return Promise.resolve();
    });
  }

  private async mailReset(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (!user) return;
    await inTransaction(this.source, (tx) => {
      this.tokens.mail(tx, user, 'password_reset');
      return Promise.resolve();
    });
  }
}
