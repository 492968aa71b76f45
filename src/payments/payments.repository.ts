import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { toAmount, toMinorUnits } from '../common/money';
import { literals, sql, sqlLater, type Executor } from '../database/sql';
import { PAYMENT, type PaymentStatus } from './payment.state';

/** What is to be charged or asked about, as payments_due_idx has it. */
const UNDECIDED = literals([...PAYMENT.sourcesOf('charging'), 'charging']);

export interface PaymentRecord {
  id: string;
  orderId: string;
  userId: string;
  provider: string;
  token: string;
  /** Minor units. */
  amount: number;
  refunded: number;
  currency: string;
  status: PaymentStatus;
  chargeId: string | null;
  tries: number;
  /** Of the request that placed the order: the charge goes on in its trace. */
  traceparent: string;
}

/** A payment leased for one try, with what it was before. */
export interface LeasedPayment extends PaymentRecord {
  before: 'initiated' | 'charging' | 'unknown';
  /** Its order still waits to be paid; one that has ended, or is gone, is charged no more. */
  wanted: boolean;
  /** Null when there is nothing to call the provider about. */
  attemptId: string | null;
  /** The provider still knows the key: charging under it again is safe. */
  keyRemembered: boolean;
}

interface PaymentRow {
  id: string;
  order_id: string;
  user_id: string;
  provider: string;
  token: string;
  amount: string;
  refunded_amount: string;
  currency: string;
  status: PaymentStatus;
  charge_id: string | null;
  tries: number;
  traceparent: string;
}

const COLUMNS = `id, order_id, user_id, provider, token, amount, refunded_amount, currency, status, charge_id, tries,
  traceparent`;

function toRecord(row: PaymentRow): PaymentRecord {
  return {
    id: row.id,
    orderId: row.order_id,
    userId: row.user_id,
    provider: row.provider,
    token: row.token,
    amount: toMinorUnits(row.amount),
    refunded: toMinorUnits(row.refunded_amount),
    currency: row.currency,
    status: row.status,
    chargeId: row.charge_id,
    tries: row.tries,
    traceparent: row.traceparent,
  };
}

/** Table: payments, for ever. An attempt's row is begun here, with its lease. */
@Injectable()
export class PaymentsRepository {
  insert(tx: EntityManager, payment: PaymentRecord): void {
    sqlLater(
      tx,
      `INSERT INTO payments (id, order_id, user_id, provider, token, amount, currency, traceparent)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        payment.id,
        payment.orderId,
        payment.userId,
        payment.provider,
        payment.token,
        toAmount(payment.amount),
        payment.currency,
        payment.traceparent,
      ],
    );
  }

  async find(executor: Executor, id: string): Promise<PaymentRecord | null> {
    const [row] = await sql<PaymentRow>(executor, `SELECT ${COLUMNS} FROM payments WHERE id = $1`, [id]);
    return row ? toRecord(row) : null;
  }

  async lock(tx: EntityManager, id: string): Promise<PaymentRecord | null> {
    const [row] = await sql<PaymentRow>(tx, `SELECT ${COLUMNS} FROM payments WHERE id = $1 FOR UPDATE`, [id]);
    return row ? toRecord(row) : null;
  }

  /** Of many those that nobody else holds, with the locks of their orders asked for before; by id. */
  async lockFree(tx: EntityManager, ids: readonly string[]): Promise<Map<string, PaymentRecord>> {
    const rows = await sql<PaymentRow>(
      tx,
      `SELECT ${COLUMNS} FROM payments WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, toRecord(row)]));
  }

  async lockOfOrder(tx: EntityManager, orderId: string): Promise<PaymentRecord | null> {
    const [row] = await sql<PaymentRow>(tx, `SELECT ${COLUMNS} FROM payments WHERE order_id = $1 FOR UPDATE`, [
      orderId,
    ]);
    return row ? toRecord(row) : null;
  }

  /**
   * Leases what is due, by payments_due_idx: rows others hold are passed over, and a lease that ran out (a killed
   * worker) comes up again. The attempt is recorded with the lease, before the provider is called. What was never tried
   * and is not wanted any more stays `initiated`: it is only to be voided.
   */
  async leaseDue(
    executor: Executor,
    lease: { seconds: number; limit: number; keyMemoryHours: number },
  ): Promise<LeasedPayment[]> {
    const rows = await sql<
      PaymentRow & {
        before: LeasedPayment['before'];
        wanted: boolean;
        attempt_id: string | null;
        key_remembered: boolean;
      }
    >(
      executor,
      `WITH due AS (
         SELECT payments.id, payments.status AS before, coalesce(orders.status = 'pending', false) AS wanted
         FROM payments
         LEFT JOIN orders ON orders.id = payments.order_id
         WHERE payments.status IN (${UNDECIDED}) AND payments.next_try_at <= shop_now()
         ORDER BY payments.next_try_at
         LIMIT $1
         FOR UPDATE OF payments SKIP LOCKED
       ), leased AS (
         UPDATE payments
         SET status = CASE WHEN due.wanted OR due.before <> 'initiated' THEN 'charging' ELSE 'initiated' END,
             tries = tries + 1,
             first_tried_at = coalesce(first_tried_at, shop_now()),
             next_try_at = shop_now() + make_interval(secs => $2),
             version = version + 1,
             updated_at = shop_now()
         FROM due
         WHERE payments.id = due.id
         RETURNING payments.id, order_id, user_id, provider, token, amount, refunded_amount, currency, status,
                   charge_id, tries, traceparent, due.before, due.wanted,
                   first_tried_at > shop_now() - make_interval(hours => $3) AS key_remembered
       ), attempts AS (
         INSERT INTO payment_attempts (payment_id, kind)
         SELECT id, CASE WHEN before = 'initiated' THEN 'charge' ELSE 'lookup' END
         FROM leased
         WHERE wanted OR before <> 'initiated'
         RETURNING id, payment_id
       )
       SELECT leased.id, leased.order_id, leased.user_id, leased.provider, leased.token, leased.amount,
              leased.refunded_amount, leased.currency, leased.status, leased.charge_id, leased.tries, leased.traceparent,
              leased.before, leased.wanted, leased.key_remembered, attempts.id AS attempt_id
       FROM leased
       LEFT JOIN attempts ON attempts.payment_id = leased.id`,
      [lease.limit, lease.seconds, lease.keyMemoryHours],
    );
    return rows.map((row) => ({
      ...toRecord(row),
      before: row.before,
      wanted: row.wanted,
      attemptId: row.attempt_id,
      keyRemembered: row.key_remembered,
    }));
  }

  /** Unknown, to be tried again after a while. False when it was decided meanwhile. */
  async postpone(executor: Executor, id: string, seconds: number, answered: boolean): Promise<boolean> {
    const moved = await sql(
      executor,
      `UPDATE payments
       SET status = 'unknown',
           next_try_at = shop_now() + make_interval(secs => $2),
           first_answered_at = CASE WHEN $3 THEN coalesce(first_answered_at, shop_now()) ELSE first_answered_at END,
           version = version + 1,
           updated_at = shop_now()
       WHERE id = $1 AND status = ANY($4::text[])
       RETURNING id`,
      [id, seconds, answered, PAYMENT.sourcesOf('unknown')],
    );
    return moved.length > 0;
  }

  /** False when the payment is in no state that may become this one. */
  async setStatus(
    tx: EntityManager,
    id: string,
    status: PaymentStatus,
    change: { chargeId?: string; failureCode?: string; refunded?: number } = {},
  ): Promise<boolean> {
    const moved = await sql(
      tx,
      `UPDATE payments
       SET status = $2,
           charge_id = coalesce($3, charge_id),
           failure_code = coalesce($4, failure_code),
           refunded_amount = coalesce($5, refunded_amount),
           version = version + 1,
           updated_at = shop_now()
       WHERE id = $1 AND status = ANY($6::text[])
       RETURNING id`,
      [
        id,
        status,
        change.chargeId ?? null,
        change.failureCode ?? null,
        change.refunded === undefined ? null : toAmount(change.refunded),
        PAYMENT.sourcesOf(status),
      ],
    );
    return moved.length > 0;
  }

  /** Those of these payments that were in a state that may become `succeeded`. The rows are locked by the caller. */
  async succeedAll(
    tx: EntityManager,
    charges: readonly { paymentId: string; chargeId: string }[],
  ): Promise<Set<string>> {
    const moved = await sql<{ id: string }>(
      tx,
      `UPDATE payments
       SET status = 'succeeded', charge_id = charge.id, version = version + 1, updated_at = shop_now()
       FROM unnest($1::uuid[], $2::text[]) AS charge(payment_id, id)
       WHERE payments.id = charge.payment_id AND status = ANY($3::text[])
       RETURNING payments.id`,
      [
        charges.map(({ paymentId }) => paymentId),
        charges.map(({ chargeId }) => chargeId),
        PAYMENT.sourcesOf('succeeded'),
      ],
    );
    return new Set(moved.map(({ id }) => id));
  }

  /** Pending orders whose provider has answered, but never decided, for this long; the longest waiting first. */
  async undecidedFor(executor: Executor, minutes: number, limit: number): Promise<string[]> {
    const rows = await sql<{ order_id: string }>(
      executor,
      `SELECT payments.order_id
       FROM payments
       JOIN orders ON orders.id = payments.order_id
       WHERE payments.status IN (${UNDECIDED})
         AND payments.first_answered_at < shop_now() - make_interval(mins => $1)
         AND orders.status = 'pending'
       ORDER BY payments.first_answered_at
       LIMIT $2`,
      [minutes, limit],
    );
    return rows.map((row) => row.order_id);
  }
}
