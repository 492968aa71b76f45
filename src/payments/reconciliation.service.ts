import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { isUUID } from 'class-validator';
import type { Counter, Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { isInfrastructureError } from '../database/infrastructure-error';
import { PaymentsService } from './payments.service';
import type { ProviderCharge } from './provider-charge.reader';
import { CASE_KINDS, differences, type Differences, type Heal, type ReconciliationCase } from './reconciliation.policy';
import { ReconciliationRepository } from './reconciliation.repository';
import { RefundService } from './refund.service';
import { SandboxProvider } from './sandbox.provider';
import { TakenPayments } from './taken-payments.reader';

export type { ReconciliationCase } from './reconciliation.policy';

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;
/**
 * How far the job looks back once an hour. We charge for 23 hours at most and the provider repeats its webhooks for three
 * days: what is older changes no more by itself. Always the same days, so that there is no point to move, to lose or to
 * share among servers.
 */
const ALL_MS = 72 * HOUR_MS;
/** How far each minute: a webhook that was missed is most often one of the last minutes, and a busy day has many charges. */
const RECENT_MS = 30 * MINUTE_MS;
/** By how much the provider's clock may be behind ours before a payment is looked at twice. */
const CLOCKS_APART_MS = MINUTE_MS;
const BEGINNING = new Date(0);
/** So many differ at once only when the books are not ours; each is looked into by a question of its own. */
const MOST_SUSPECTS = 1_000;

export interface Comparison extends Differences {
  /** The provider's charges and our payments that were looked at. */
  charges: number;
  payments: number;
  /** The provider's keys of what is a case. */
  open: ReadonlySet<string>;
}

/**
 * Compares our payments with the provider's books. What the provider knows and we have missed is taken over; what does
 * not add up is a case for people. Any number of servers may do so at once: healing is what a webhook does, and told
 * twice it changes nothing.
 */
@Injectable()
export class ReconciliationService {
  private readonly logger = new Logger(ReconciliationService.name);
  private told = new Set<string>();
  private open: ReadonlySet<string> = new Set();
  private allDueAt = 0;

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly own: ReconciliationRepository,
    private readonly provider: SandboxProvider,
    private readonly payments: PaymentsService,
    private readonly refunds: RefundService,
    @InjectMetric('reconciliation_cases') private readonly openCases: Gauge<'kind'>,
    @InjectMetric('reconciliation_healed_total') private readonly healed: Counter<'kind'>,
  ) {}

  /**
   * The job: what was charged of late, once an hour all that may still change, and what is open: a case stays reported
   * while people look at it, what could not be healed is tried again. With the provider down there is nothing to compare
   * with.
   */
  async run(): Promise<void> {
    if (!(await this.provider.answers())) return;
    // By the real clock: the provider's books know of no other.
    const now = Date.now();
    const all = now >= this.allDueAt;
    await this.heal(new Date(now - (all ? ALL_MS : RECENT_MS)));
    if (all) this.allDueAt = now + HOUR_MS;
  }

  /** Compares, takes over what we have missed, and reports the rest. Done again it heals nothing more. */
  async heal(since: Date | null): Promise<{ healed: number; cases: ReconciliationCase[] }> {
    const { heals, cases, open } = await this.compare(since, this.open);
    const again = new Set(open);
    this.report(cases);
    let healed = 0;
    for (const heal of heals) {
      try {
        await this.take(heal);
        this.healed.inc({ kind: heal.kind });
        healed += 1;
      } catch (error) {
        // One that cannot be taken holds up no other.
        if (isInfrastructureError(error)) throw error;
        this.logger.error(`a difference with the provider cannot be healed (${heal.kind}): ${String(error)}`);
        again.add(heal.kind === 'charge' ? heal.charge.idempotencyKey : heal.payment.id);
      }
    }
    this.open = again;
    return { healed, cases };
  }

  /**
   * Changes nothing. `since` is when charges were made (null: all there are), `again` names keys to look at wherever they
   * are; throws when the provider does not answer. What differs is looked at again, ours before and after theirs: a
   * payment on its way differs once, a case stays one.
   */
  async compare(since: Date | null, again: ReadonlySet<string> = new Set()): Promise<Comparison> {
    const from = since ?? BEGINNING;
    const suspects = new Set<string>();
    const taken = new TakenPayments(this.database, this.own, from);
    let charges = 0;
    for await (const { listed, next } of this.pages(from)) {
      charges += listed.length;
      // A payment is older than its charge.
      await taken.read(next === null ? null : new Date(Date.parse(next) + CLOCKS_APART_MS));
      const byKey = new Map<string, ProviderCharge[]>();
      for (const charge of listed) {
        byKey.set(charge.idempotencyKey, [...(byKey.get(charge.idempotencyKey) ?? []), charge]);
      }
      const payments = await this.own.byIds(this.database, [...byKey.keys()].filter(isId));
      for (const [key, chargesOfKey] of byKey) {
        taken.met(key);
        const { heals, cases } = differences(payments.get(key) ?? null, chargesOfKey);
        if (heals.length + cases.length > 0 && !again.has(key)) suspects.add(key);
      }
    }
    // What is new comes first: what is known already must not keep it from being healed.
    for (const id of taken.withoutCharge) if (!again.has(id)) suspects.add(id);
    for (const key of again) suspects.add(key);
    if (suspects.size > MOST_SUSPECTS) {
      this.logger.error(
        `${suspects.size} charges or payments differ from the provider's books: is it the right account? ` +
          `The first ${MOST_SUSPECTS} are looked into`,
      );
    }

    const open = new Set<string>();
    const result: Comparison = { charges, payments: taken.count, heals: [], cases: [], open };
    for (const key of [...suspects].slice(0, MOST_SUSPECTS)) {
      const { heals, cases } = await this.lookAgain(key);
      result.heals.push(...heals);
      result.cases.push(...cases);
      if (cases.length > 0) open.add(key);
    }
    return result;
  }

  private async lookAgain(key: string): Promise<Differences> {
    const read = async () => (isId(key) ? ((await this.own.byIds(this.database, [key])).get(key) ?? null) : null);
    const before = await read();
    const { charges, unreadable } = await this.provider.chargesOf(key);
    const after = await read();
    const kinds = new Set(differences(before, charges, unreadable).cases.map(({ kind, chargeId }) => kind + chargeId));
    const { heals, cases } = differences(after, charges, unreadable);
    return { heals, cases: cases.filter(({ kind, chargeId }) => kinds.has(kind + chargeId)) };
  }

  private async take(heal: Heal): Promise<void> {
    if (heal.kind === 'charge') return this.payments.settle(heal.charge);
    const { payment, refund } = heal;
    const made = { ...refund, paymentId: payment.id, orderId: payment.orderId };
    await this.refunds.succeed(made, heal.providerRefundId);
  }

  /** Each page begins with the last moment of the one before, so that none made in that moment is left out. */
  private async *pages(from: Date): AsyncGenerator<{ listed: ProviderCharge[]; next: string | null }> {
    let before = new Set<string>();
    for (let since: string | null = from.toISOString(); since !== null;) {
      const { charges, next } = await this.provider.chargesSince(since);
      yield { listed: charges.filter(({ id }) => !before.has(id)), next };
      if (next === since) throw new Error(`more charges were made at ${since} than a page holds`);
      before = new Set(charges.map(({ id }) => id));
      since = next;
    }
  }

  /** Each case is logged once by each process, and counted for as long as it is there. */
  private report(cases: readonly ReconciliationCase[]): void {
    for (const kind of CASE_KINDS) this.openCases.set({ kind }, cases.filter((found) => found.kind === kind).length);
    const names = cases.map((found) => JSON.stringify(found));
    for (const name of names) if (!this.told.has(name)) this.logger.error(`a case for people: ${name}`);
    this.told = new Set(names);
  }
}

function isId(key: string): boolean {
  return isUUID(key);
}
