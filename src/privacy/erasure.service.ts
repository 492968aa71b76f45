import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { PersonalAccessService } from '../auth/personal-access.service';
import { RedisClient } from '../cache/redis.client';
import { PersonalCartService } from '../cart/personal-cart.service';
import { PersonalCheckoutsService } from '../checkout/personal-checkouts.service';
import { UnavailableError } from '../common/app-error';
import { startWithoutEmails } from '../common/masked-text';
import { inTransaction } from '../database/sql';
import { PersonalHistoryService } from '../history/personal-history.service';
import { Idempotency } from '../http/idempotency/idempotency.service';
import { BackgroundWork } from '../messaging/background-work';
import { PersonalMessagesService } from '../notifications/personal-messages.service';
import { PersonalOrdersService } from '../orders/personal-orders.service';
import { PersonalPaymentsService } from '../payments/personal-payments.service';
import { PersonalAccountService } from '../users/personal-account.service';
import { UsersService, type UserRecord } from '../users/users.service';
import type { ErasureDto } from './dto/erasure.dto';
import { STEPS, type LeasedErasure, type Step, type StepReport } from './erasure.types';
import { ErasuresRepository } from './erasures.repository';
import { openOrders, staffAccount } from './privacy.errors';

const POLL_MS = 5_000;
const BATCH = 10;
const LEASE_SECONDS = 120;
/** Requests, workers' leases and batches of listeners that began before the account's end are over after that. */
const SETTLES_SECONDS = 300;
/** An order is on its way for days. */
const WAIT_SECONDS = 600;
const LONGEST_RETRY_SECONDS = 600;
/** Named to whoever has to wait for them. */
const OPEN_SHOWN = 20;

function retrySeconds(tries: number): number {
  return Math.min(LONGEST_RETRY_SECONDS, 2 ** Math.min(tries, 10));
}

/**
 * The end of an account, in every store. What is in the users database goes with the request, in one transaction with the
 * row that says what is left to do; the job does that, each room its own part, again after a crash. All of it is done
 * once more when whatever was under way is over.
 */
@Injectable()
export class ErasureService {
  readonly work: BackgroundWork;
  private readonly logger = new Logger(ErasureService.name);

  constructor(
    @InjectDataSource('users') private readonly database: DataSource,
    private readonly erasures: ErasuresRepository,
    private readonly users: UsersService,
    private readonly account: PersonalAccountService,
    private readonly access: PersonalAccessService,
    private readonly cart: PersonalCartService,
    private readonly messages: PersonalMessagesService,
    private readonly checkouts: PersonalCheckoutsService,
    private readonly orders: PersonalOrdersService,
    private readonly payments: PersonalPaymentsService,
    private readonly history: PersonalHistoryService,
    private readonly idempotency: Idempotency,
    private readonly redis: RedisClient,
  ) {
    this.work = new BackgroundWork({ name: 'erasures', everyMs: POLL_MS, run: () => this.runDue() });
  }

  /** From the commit on nobody gets in, and there is no way back. */
  async request(userId: string, password: string): Promise<ErasureDto> {
    const passwordHash = await this.access.prove(userId, password);
    return this.end(userId, (tx) => this.access.lockProven(tx, userId, passwordHash));
  }

  /**
   * The same on the word of who runs the shop, for a customer who can not sign in, or after a backup was restored: where
   * the account is erased, all of it is done again, for the stores that have what was taken out of them.
   */
  async requestFor(userId: string): Promise<ErasureDto> {
    const begunAgain = await inTransaction(this.database, (tx) => this.erasures.begin(tx, userId));
    if (begunAgain === null) return this.end(userId, (tx) => this.account.lock(tx, userId));
    return this.begun(userId, begunAgain);
  }

  private async end(userId: string, lock: (tx: EntityManager) => Promise<UserRecord>): Promise<ErasureDto> {
    const open = await this.orders.openOf(userId, OPEN_SHOWN);
    if (open.length > 0) throw openOrders(open);
    const { requestedAt, ended } = await inTransaction(this.database, async (tx) => {
      const user = await lock(tx);
      if (user.roles.some((role) => role !== 'customer')) throw staffAccount();
      const sessionIds = await this.eraseAccount(tx, userId);
      return { requestedAt: await this.erasures.insert(tx, userId, sessionIds), ended: sessionIds };
    });
    await this.access.bury(ended);
    return this.begun(userId, requestedAt);
  }

  private begun(userId: string, requestedAt: Date): ErasureDto {
    // Kept in MongoDB, as all warnings of servers: who restores the users database does not find it there.
    this.logger.warn(`account ${userId} is to be erased`);
    this.work.wake();
    return { requestedAt: requestedAt.toISOString() };
  }

  /** Runs what is due; any number of servers may do so at once. Returns how many erasures are complete. */
  async runDue(): Promise<number> {
    let completed = 0;
    for (;;) {
      const due = await this.erasures.leaseDue(
        this.database,
        { seconds: LEASE_SECONDS, settles: SETTLES_SECONDS },
        BATCH,
      );
      for (const erasure of due) if (await this.run(erasure)) completed += 1;
      if (due.length < BATCH) return completed;
    }
  }

  /** Every step, each time: one that failed holds up no other, and what was done is repeated without harm. */
  private async run(erasure: LeasedErasure): Promise<boolean> {
    const reports: StepReport[] = [];
    for (const step of STEPS) reports.push(await this.tryStep(step, erasure));
    await this.erasures.report(this.database, erasure.userId, reports);
    if (reports.some(({ error }) => error !== null)) {
      await this.erasures.comeBack(this.database, erasure.userId, retrySeconds(erasure.tries));
    } else if (reports.some(({ waitsFor }) => waitsFor !== null)) {
      await this.erasures.comeBack(this.database, erasure.userId, WAIT_SECONDS);
    } else if (!erasure.settled) {
      await this.erasures.comeBack(this.database, erasure.userId, SETTLES_SECONDS);
    } else if (await this.erasures.complete(this.database, erasure.userId, SETTLES_SECONDS)) {
      this.logger.warn(`account ${erasure.userId} is erased`);
      return true;
    }
    return false;
  }

  private async tryStep(step: Step, erasure: LeasedErasure): Promise<StepReport> {
    try {
      return { step, waitsFor: await this.runStep(step, erasure), error: null };
    } catch (error) {
      const text = startWithoutEmails(String(error), 500);
      this.logger.warn(`the erasure of ${erasure.userId} is not done with ${step}, and tries again: ${text}`);
      return { step, waitsFor: null, error: text };
    }
  }

  /** What it waits for; null when it is done. */
  private async runStep(step: Step, { userId, sessionIds }: LeasedErasure): Promise<string | null> {
    switch (step) {
      case 'account':
        await this.eraseAccountAgain(userId);
        return null;
      case 'checkouts':
        await this.checkouts.erase(userId);
        return null;
      case 'orders':
        await this.orders.erase(userId);
        return waitingFor('orders', await this.orders.openOf(userId, OPEN_SHOWN));
      case 'payments':
        await this.payments.erase(userId);
        return waitingFor('payments', await this.payments.openOf(userId, OPEN_SHOWN));
      case 'history':
        // Those not archived are asked for first: one that is archived meanwhile is not in neither.
        await this.history.erase(userId, await this.orders.liveOf(userId));
        return null;
      case 'cache':
        await this.access.bury(sessionIds);
        await Promise.all([this.account.forgetCached(userId), this.cart.forgetCached(userId)]);
        // What Redis could not be told has broken its circuit, and this is then not asked.
        if ((await this.redis.attempt((redis) => redis.ping(), null)) === null) throw new UnavailableError('Redis');
        return null;
    }
  }

  /** Everything of the users database; the lock is held. Gives the sessions that ended by it. */
  private async eraseAccount(tx: EntityManager, userId: string): Promise<string[]> {
    this.cart.erase(tx, userId);
    this.messages.erase(tx, userId);
    this.idempotency.forgetOf(tx, userId);
    await this.account.erase(tx, userId);
    return this.access.erase(tx, userId);
  }

  private async eraseAccountAgain(userId: string): Promise<void> {
    const ended = await inTransaction(this.database, async (tx) => {
      await this.users.lock(tx, userId);
      const sessionIds = await this.eraseAccount(tx, userId);
      if (sessionIds.length > 0) await this.erasures.addSessions(tx, userId, sessionIds);
      return sessionIds;
    });
    await this.access.bury(ended);
  }
}

function waitingFor(what: string, ids: readonly string[]): string | null {
  return ids.length === 0 ? null : `${what} ${ids.join(', ')}`.slice(0, 500);
}
