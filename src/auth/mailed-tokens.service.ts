import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { randomToken, tokenHash } from '../common/random-token';
import { inTransaction } from '../database/sql';
import { NotificationsService } from '../notifications/notifications.service';
import { Settings } from '../settings/settings';
import type { UserRecord } from '../users/users.service';
import { AccountTokensRepository, type TokenPurpose } from './account-tokens.repository';

/** How long a token holds, and the page of the shop that takes it. */
const OF: Record<TokenPurpose, { hours: number; page: string; mail: 'email.password_reset' | 'email.verification' }> = {
  password_reset: { hours: 1, page: 'reset-password', mail: 'email.password_reset' },
  email_verification: { hours: 72, page: 'verify-email', mail: 'email.verification' },
};

const SWEEP_BATCH = 1_000;

/** Tokens that show who reads a mailbox: single use, kept as hashes. */
@Injectable()
export class MailedTokensService {
  constructor(
    @InjectDataSource('users') private readonly source: DataSource,
    private readonly tokens: AccountTokensRepository,
    private readonly notifications: NotificationsService,
    private readonly settings: Settings,
  ) {}

  /** The token and its mail are one transaction: neither is lost, and the mail goes out on its own. */
  mail(tx: EntityManager, user: UserRecord, purpose: TokenPurpose): void {
    const id = uuidv7();
    const token = randomToken();
    const { hours, page, mail } = OF[purpose];
    this.tokens.insert(tx, { id, userId: user.id, purpose, tokenHash: tokenHash(token), hours });
    // After the #, which browsers keep for themselves: the token is in no server's log.
    const link = `${this.settings.publicUrl}/account/${page}#token=${token}`;
    this.notifications.tellOfAccount(tx, { causedBy: id, type: mail, userId: user.id, token, link });
  }

  /** Whose token this is; null for an unknown, used or expired one. It stays unused. */
  ownerOf(token: string, purpose: TokenPurpose): Promise<string | null> {
    return this.tokens.findLive(tokenHash(token), purpose);
  }

  /** Uses the token up, and all others of its user for the same purpose. */
  async consume(tx: EntityManager, token: string, purpose: TokenPurpose): Promise<string | null> {
    const userId = await this.tokens.consume(tx, tokenHash(token), purpose);
    if (userId !== null) this.tokens.useUp(tx, userId, purpose);
    return userId;
  }

  /** Removes tokens that ran out; returns how many. */
  async sweep(): Promise<number> {
    for (let swept = 0; ;) {
      const batch = await inTransaction(this.source, (tx) => this.tokens.sweep(tx, SWEEP_BATCH));
      swept += batch;
      if (batch < SWEEP_BATCH) return swept;
    }
  }
}
