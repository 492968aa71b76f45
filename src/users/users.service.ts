import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { CACHE } from '../cache/keys';
import { VersionedCache } from '../cache/versioned-cache.service';
import { decodeCursor, toCursorPage, type CursorPage } from '../common/pagination';
import { inTransaction } from '../database/sql';
import { ProfileDto } from './dto/user.dto';
import { userNotFound } from './users.errors';
import { UsersRepository, type NewUser, type ProfileChanges, type UserRecord } from './users.repository';

export type { UserRecord } from './users.repository';

interface CachedProfile {
  version: number;
  profile: ProfileDto;
}

/** Accounts: who someone is. What they may do here and now is for the auth room. */
@Injectable()
export class UsersService {
  constructor(
    @InjectDataSource('users') private readonly source: DataSource,
    private readonly users: UsersRepository,
    private readonly cache: VersionedCache,
  ) {}

  find(userId: string): Promise<UserRecord | null> {
    return this.users.find(userId);
  }

  /** With the password's hash, for signing in. */
  findByEmail(email: string): Promise<(UserRecord & { passwordHash: string }) | null> {
    return this.users.findByEmail(email);
  }

  findWithPassword(userId: string): Promise<(UserRecord & { passwordHash: string }) | null> {
    return this.users.findWithPassword(userId);
  }

  /** Null when the email has an account. */
  create(tx: EntityManager, user: Omit<NewUser, 'id'>): Promise<UserRecord | null> {
    return this.users.insert(tx, { id: uuidv7(), ...user });
  }

  /** As it is once the lock is held. */
  findLocked(tx: EntityManager, userId: string): Promise<(UserRecord & { passwordHash: string }) | null> {
    return this.users.findWithPassword(userId, tx);
  }

  /** Until `tx` ends nobody signs in to the account, nor changes it. What has to be seen then is read afterwards. */
  lock(tx: EntityManager, userId: string): Promise<void> {
    return this.users.lock(tx, userId);
  }

  /** An admin with this email and password, whether or not the account was there. */
  async createAdmin(tx: EntityManager, admin: Omit<NewUser, 'id'>): Promise<UserRecord> {
    const user = await this.users.insertOrPromoteAdmin(tx, { id: uuidv7(), ...admin });
    if (!user) throw userNotFound();
    return user;
  }

  /** By a mailed token, which also verifies the email. To be told to `remember` once `tx` is committed. */
  async setPassword(tx: EntityManager, userId: string, passwordHash: string): Promise<UserRecord> {
    const user = await this.users.setPassword(tx, userId, passwordHash);
    if (!user) throw userNotFound();
    return user;
  }

  /** To be told to `remember` once `tx` is committed. */
  async markEmailVerified(tx: EntityManager, userId: string): Promise<UserRecord> {
    const user = await this.users.markEmailVerified(tx, userId);
    if (!user) throw userNotFound();
    return user;
  }

  async profile(userId: string): Promise<ProfileDto> {
    const cached = await this.cache.read<CachedProfile>(CACHE.userProfile.key(userId), isWhole);
    if (cached) return cached.profile;
    const user = await this.users.find(userId);
    if (!user) throw userNotFound();
    const entry = profileEntry(user);
    await this.cache.write(CACHE.userProfile.key(userId), CACHE.userProfile.ttl, entry);
    return entry.profile;
  }

  async updateProfile(userId: string, changes: ProfileChanges): Promise<ProfileDto> {
    const user = await inTransaction(this.source, (tx) => this.users.update(tx, userId, changes));
    if (!user) throw userNotFound();
    return this.remember(user);
  }

  /** Newest first. */
  async list(query: { cursor?: string; limit: number }): Promise<CursorPage<UserRecord>> {
    const rows = await this.users.list(decodeCursor(query.cursor), query.limit);
    return toCursorPage(rows, query.limit, (user) => ({ at: user.createdAt, id: user.id }));
  }

  /** Puts the profile as committed into the cache. */
  async remember(user: UserRecord): Promise<ProfileDto> {
    const entry = profileEntry(user);
    await this.cache.replace(CACHE.userProfile.key(user.id), CACHE.userProfile.ttl, entry);
    return entry.profile;
  }
}

/** Entries of before emails were verified say nothing of it. */
function isWhole({ profile }: CachedProfile): boolean {
  return typeof profile.emailVerified === 'boolean';
}

function profileEntry(user: UserRecord): CachedProfile {
  return { version: user.updatedAt.getTime(), profile: ProfileDto.of(user) };
}
