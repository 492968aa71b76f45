import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { CACHE } from '../cache/keys';
import { VersionedCache } from '../cache/versioned-cache.service';
import { Clock } from '../common/clock';
import { decodeCursor, toCursorPage, type CursorPage } from '../common/pagination';
import { randomToken, tokenHash } from '../common/random-token';
import { inTransaction } from '../database/sql';
import type { SignedInUser } from '../http/access.decorators';
import type { Role } from '../http/permissions';
import type { Sender } from '../http/sender.decorator';
import { Settings } from '../settings/settings';
import type { AccessTokenClaims } from './access-token.service';
import { invalidRefreshToken, sessionNotFound, wrongCredentials } from './auth.errors';
import { SessionsRepository, type ListedSession } from './sessions.repository';

/** A session lives this long after its last refresh; the access tokens made from it live a day. */
const SESSION_DAYS = 30;
/** Two tabs, or a client that did not get the answer, show the same token within this time; a thief comes later. */
const RACE_SECONDS = 10;
const RECHECK_MS = 60_000;
const SWEEP_BATCH = 1_000;

/** `session:{id}`: the row as it was when it was read. Times are milliseconds of the app's clock. */
interface CachedSession {
  version: typeof LIVE;
  userId: string;
  roles: Role[];
  secondFactor: boolean;
  expiresAt: number;
  checkedAt: number;
}

/** `session:{id}` after the session's end. Its higher version keeps late readers from filling in the live one. */
interface Tombstone {
  version: typeof ENDED;
  revoked: true;
}

const LIVE = 0;
const ENDED = 1;

export interface OpenedSession {
  id: string;
  refreshToken: string;
}

/** Sessions: rows of PostgreSQL, fronted by Redis. */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger(SessionsService.name);

  constructor(
    @InjectDataSource('users') private readonly source: DataSource,
    private readonly sessions: SessionsRepository,
    private readonly cache: VersionedCache,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /**
   * For who showed the password whose hash this is: if it was changed meanwhile, there is no session; nor if a code is
   * asked for meanwhile, for who showed none.
   */
  async open(
    tx: EntityManager,
    { id: userId, passwordHash, withCode }: { id: string; passwordHash: string; withCode: boolean },
    sender: Sender,
  ): Promise<OpenedSession> {
    const id = uuidv7();
    const refreshToken = randomToken();
    const refreshTokenHash = tokenHash(refreshToken);
    const session = { id, userId, passwordHash, withCode, refreshTokenHash, days: SESSION_DAYS, sender };
    if (!(await this.sessions.insert(tx, session))) throw wrongCredentials();
    return { id, refreshToken };
  }

  /**
   * Exchanges a refresh token for the next one; the one shown is worth nothing afterwards. Shown again it ends the
   * session: two have it, and nobody can tell which of them is the thief.
   */
  async rotate(shown: string, sender: Sender): Promise<OpenedSession & { userId: string }> {
    const refreshToken = randomToken();
    const tokens = { shownHash: tokenHash(shown), nextHash: tokenHash(refreshToken), days: SESSION_DAYS, sender };
    const { session, stolen } = await inTransaction(this.source, async (tx) => {
      const exchanged = await this.sessions.rotate(tx, tokens);
      if (exchanged) return { session: exchanged, stolen: null };
      const spent = await this.sessions.findSpent(tx, tokens.shownHash, RACE_SECONDS);
      if (!spent || spent.justSpent) return { session: null, stolen: null };
      await this.sessions.revoke(tx, spent.sessionId);
      return { session: null, stolen: spent.sessionId };
    });
    if (stolen !== null) {
      this.logger.warn(`session ${stolen} is ended: its refresh token was shown again`);
      await this.bury(stolen);
    }
    if (!session) throw invalidRefreshToken();
    return { ...session, refreshToken };
  }

  /** Where a user is signed in, newest first. */
  async list(userId: string, query: { cursor?: string; limit: number }): Promise<CursorPage<ListedSession>> {
    const rows = await this.sessions.listLive(userId, decodeCursor(query.cursor), query.limit);
    return toCursorPage(rows, query.limit, (session) => ({ at: session.createdAt, id: session.id }));
  }

  /** As `end`; 404 for a session that is not the user's. */
  async endOwn(userId: string, sessionId: string): Promise<void> {
    const ended = await inTransaction(this.source, (tx) => this.sessions.revokeOwn(tx, userId, sessionId));
    if (!ended) throw sessionNotFound();
    await this.bury(sessionId);
  }

  /** Who the token's bearer is, or null when the session has ended. `fresh` asks the row, whatever is cached. */
  async signedIn(
    { sessionId, userId }: Pick<AccessTokenClaims, 'sessionId' | 'userId'>,
    fresh: boolean,
  ): Promise<(SignedInUser & { mustEnrol: boolean }) | null> {
    const cached = fresh ? null : await this.cached(sessionId);
    // They may have got a second factor since.
    const session = cached && !this.mustEnrol(cached) ? cached : await this.load(sessionId);
    if (!session || 'revoked' in session || session.userId !== userId) return null;
    return { userId, sessionId, roles: session.roles, mustEnrol: this.mustEnrol(session) };
  }

  private mustEnrol(session: CachedSession | Tombstone): boolean {
    if (this.settings.adminSecondFactor !== 'required' || 'revoked' in session) return false;
    return session.roles.includes('admin') && !session.secondFactor;
  }

  /** Ends the session for every server at once: first its row, then the copy in Redis. */
  async end(sessionId: string): Promise<void> {
    await inTransaction(this.source, (tx) => this.sessions.revoke(tx, sessionId));
    await this.bury(sessionId);
  }

  /** Ends every session of a user whose password was changed. To be told to `bury` once `tx` is committed. */
  endAllOf(tx: EntityManager, userId: string): Promise<string[]> {
    return this.sessions.revokeAllOf(tx, userId, null);
  }

  /** The same, but for the session that it is asked with. */
  endOthersOf(tx: EntityManager, userId: string, sessionId: string): Promise<string[]> {
    return this.sessions.revokeAllOf(tx, userId, sessionId);
  }

  /** Leaves tombstones in Redis; they outlive the access tokens of these sessions. */
  async bury(...sessionIds: string[]): Promise<void> {
    const tombstone: Tombstone = { version: ENDED, revoked: true };
    await Promise.all(sessionIds.map((id) => this.cache.replace(CACHE.session.key(id), CACHE.session.ttl, tombstone)));
  }

  /** Removes sessions that ran out, and tokens spent so long ago that no session knows them; returns how many rows. */
  async sweep(): Promise<number> {
    const sessions = await this.sweepBy((tx) => this.sessions.sweep(tx, SWEEP_BATCH));
    return sessions + (await this.sweepBy((tx) => this.sessions.sweepSpent(tx, SESSION_DAYS, SWEEP_BATCH)));
  }

  private async sweepBy(sweepBatch: (tx: EntityManager) => Promise<number>): Promise<number> {
    for (let swept = 0; ;) {
      const batch = await inTransaction(this.source, sweepBatch);
      swept += batch;
      if (batch < SWEEP_BATCH) return swept;
    }
  }

  private cached(id: string): Promise<CachedSession | Tombstone | null> {
    const now = this.clock.now().getTime();
    return this.cache.read<CachedSession | Tombstone>(CACHE.session.key(id), (session) => {
      if (session.version === ENDED) return true;
      const age = now - session.checkedAt;
      return age >= 0 && age < RECHECK_MS && session.expiresAt > now;
    });
  }

  private async load(id: string): Promise<CachedSession | null> {
    const checkedAt = this.clock.now().getTime();
    const row = await this.sessions.findLive(id);
    if (!row) return null;
    const { userId, roles, secondFactor, expiresAt } = row;
    const session = { version: LIVE, userId, roles, secondFactor, expiresAt: expiresAt.getTime(), checkedAt } as const;
    await this.cache.write(CACHE.session.key(id), CACHE.session.ttl, session);
    return session;
  }
}
