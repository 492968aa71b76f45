import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditService } from '../audit/audit.service';
import { decodeCursor, toCursorPage, type CursorPage } from '../common/pagination';
import { inTransaction } from '../database/sql';
import { TransitionMetrics } from '../observability/transition-metrics';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { DeadLettersRepository } from './dead-letters.repository';
import type { DeadLetterRecord, DeadLetterSummary, NewDeadLetter } from './dead-letter.record';
import { DEAD_LETTER, leadsTo, type DeadLetterStatus } from './dead-letter.state';
import { deadLetterCannotBecome, deadLetterNotFound } from './dead-letters.errors';
import { DeadLettersSender } from './dead-letters.sender';
import { DeadLetterDto } from './dto/dead-letter.dto';
import { RedrivesRepository } from './redrives.repository';

/** Longer than Kafka keeps them (28 days): one that is read again must still be known. */
const KEPT_DAYS = 90;
const SWEEP_BATCH = 1_000;

/** Keeps what listener groups gave up, and lets people decide about it. */
@Injectable()
export class DeadLettersService {
  private readonly logger = new Logger(DeadLettersService.name);

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly letters: DeadLettersRepository,
    private readonly redrives: RedrivesRepository,
    private readonly idempotency: Idempotency,
    private readonly sender: DeadLettersSender,
    private readonly audit: AuditService,
    private readonly transitions: TransitionMetrics,
  ) {}

  /** Stores it once, however often Kafka delivers it, and tells of it. */
  async receive(letter: NewDeadLetter): Promise<void> {
    if (!(await this.letters.insert(this.database, letter))) return;
    this.logger.error(
      `dead letter ${letter.id} waits for an admin: ${letter.eventType ?? 'a message'} on ${letter.topic}, ` +
        `given up by ${letter.listenerGroup ?? 'an unknown group'}: ${letter.error}`,
    );
  }

  /** Newest first. */
  async list(
    filter: { status?: DeadLetterStatus; group?: string; topic?: string },
    page: { cursor?: string; limit: number },
  ): Promise<CursorPage<DeadLetterSummary>> {
    const { status = null, group = null, topic = null } = filter;
    const after = decodeCursor(page.cursor);
    const rows = await this.letters.list(this.database, { status, group, topic }, after, page.limit + 1);
    return toCursorPage(rows, page.limit, ({ receivedAt: at, id }) => ({ at, id }));
  }

  async get(id: string): Promise<DeadLetterRecord> {
    const letter = await this.letters.find(this.database, id);
    if (!letter) throw deadLetterNotFound();
    return letter;
  }

  /** Sent again soon, once Kafka is there, to the group that gave it up; asked again it is the same redrive. */
  async redrive(id: string, userId: string, request: IdempotentRequest | null): Promise<Outcome<DeadLetterDto>> {
    const outcome = await this.decide(id, 'redriving', request, (tx) => this.redrives.request(tx, id, userId), {
      userId,
    });
    this.sender.work.wake();
    return outcome;
  }

  /** Nobody will act upon it any more; asked again the first reason stays. */
  async discard(
    id: string,
    userId: string,
    reason: string,
    request: IdempotentRequest | null,
  ): Promise<Outcome<DeadLetterDto>> {
    return this.decide(id, 'discarded', request, (tx) => this.redrives.discard(tx, id, userId, reason), {
      userId,
      reason,
    });
  }

  async sweep(): Promise<void> {
    while ((await this.letters.sweep(this.database, KEPT_DAYS, SWEEP_BATCH)) === SWEEP_BATCH);
  }

  /** Under the row's lock: of two who decide differently at once the second is told. */
  private async decide(
    id: string,
    to: DeadLetterStatus,
    request: IdempotentRequest | null,
    change: (tx: EntityManager) => Promise<void>,
    { userId, ...detail }: { userId: string; reason?: string },
  ): Promise<Outcome<DeadLetterDto>> {
    return inTransaction(this.database, (tx) =>
      this.idempotency.once(tx, request, async () => {
        const letter = await this.letters.lock(tx, id);
        if (!letter) throw deadLetterNotFound();
        if (DEAD_LETTER.allows(letter.status, to)) {
          await change(tx);
          await this.audit.record(tx, userId, [
            {
              action: `dead_letter.${to}`,
              subjectType: 'dead_letter',
              subjectId: id,
              before: { status: letter.status },
              after: { status: to, ...detail },
            },
          ]);
        } else if (!leadsTo(to, letter.status)) {
          this.transitions.refused(DEAD_LETTER, letter.status, to);
          throw deadLetterCannotBecome(letter.status, to);
        }
        const now = await this.letters.find(tx, id);
        if (!now) throw deadLetterNotFound();
        return DeadLetterDto.of(now);
      }),
    );
  }
}
