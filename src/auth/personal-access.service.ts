import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ApiKeysService } from '../api-keys/api-keys.service';
import { pageByPage } from '../common/pagination';
import { UsersService, type UserRecord } from '../users/users.service';
import { unauthenticated, wrongPassword } from './auth.errors';
import { PasswordService } from './password.service';
import { PersonalAccessRepository, type KeptSession } from './personal-access.repository';
import { SecondFactorService } from './second-factor.service';
import { SessionsService } from './sessions.service';
import { SignInThrottle } from './sign-in-throttle.service';

export type { KeptSession } from './personal-access.repository';

/** What this room keeps of a person: by what they get in, and from where they did. */
@Injectable()
export class PersonalAccessService {
  constructor(
    private readonly access: PersonalAccessRepository,
    private readonly users: UsersService,
    private readonly passwords: PasswordService,
    private readonly sessions: SessionsService,
    private readonly secondFactor: SecondFactorService,
    private readonly throttle: SignInThrottle,
    private readonly apiKeys: ApiKeysService,
  ) {}

  /** Who finds a browser open must not do what can not be undone. Gives the hash that the password was held against. */
  async prove(userId: string, password: string): Promise<string> {
    await this.throttle.admitProof(userId);
    const user = await this.users.findWithPassword(userId);
    if (!user) throw unauthenticated();
    if (!(await this.passwords.matches(user.passwordHash, password))) throw wrongPassword();
    await this.throttle.passwordProven(userId);
    return user.passwordHash;
  }

  /** Under the user's lock: 403 when the password was exchanged, or the account erased, while it was looked at. */
  async lockProven(tx: EntityManager, userId: string, passwordHash: string): Promise<UserRecord> {
    await this.users.lock(tx, userId);
    const user = await this.users.findLocked(tx, userId);
    if (user?.passwordHash !== passwordHash) throw wrongPassword();
    return user;
  }

  async hasSecondFactor(userId: string): Promise<boolean> {
    return this.secondFactor.isAskedFor(userId);
  }

  /** Newest first, page by page. */
  keptSessions(userId: string, pageSize: number): AsyncGenerator<KeptSession> {
    return pageByPage((after, limit) => this.access.listSessions(userId, after, limit), pageSize);
  }

  /**
   * Sessions, mailed tokens, second factor, and keys the person made while they were staff: none holds from the commit
   * on. To be told to `bury` the sessions then. Again it changes nothing.
   */
  async erase(tx: EntityManager, userId: string): Promise<string[]> {
    await this.apiKeys.revokeAllOf(tx, userId);
    return this.access.removeAll(tx, userId);
  }

  /** Whatever servers have in Redis of these sessions. */
  bury(sessionIds: readonly string[]): Promise<void> {
    return this.sessions.bury(...sessionIds);
  }
}
