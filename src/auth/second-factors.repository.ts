import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { sql, sqlLater, type Executor } from '../database/sql';

export interface SecondFactorRecord {
  sealedSecret: string;
  confirmed: boolean;
  recoveryCodesLeft: number;
}

/** Tables: second_factors, recovery_codes. */
@Injectable()
export class SecondFactorsRepository {
  async find(executor: Executor, userId: string): Promise<SecondFactorRecord | null> {
    const [factor] = await sql<SecondFactorRecord>(
      executor,
      `SELECT sealed_secret AS "sealedSecret", confirmed_at IS NOT NULL AS confirmed,
              (SELECT count(*)::int FROM recovery_codes codes
               WHERE codes.user_id = second_factors.user_id AND used_at IS NULL) AS "recoveryCodesLeft"
       FROM second_factors
       WHERE user_id = $1`,
      [userId],
    );
    return factor ?? null;
  }

  /** Replaces one that was never confirmed; false when there is a confirmed one. */
  async begin(tx: EntityManager, userId: string, sealedSecret: string): Promise<boolean> {
    const begun = await sql(
      tx,
      `INSERT INTO second_factors (user_id, sealed_secret) VALUES ($1, $2)
       ON CONFLICT (user_id) DO UPDATE
       SET sealed_secret = EXCLUDED.sealed_secret, created_at = shop_now(), last_step = 0
       WHERE second_factors.confirmed_at IS NULL
       RETURNING user_id`,
      [userId, sealedSecret],
    );
    return begun.length > 0;
  }

  /** Of the secret that the code was made from, and of none that replaced it meanwhile. */
  async confirm(tx: EntityManager, userId: string, sealedSecret: string, step: number): Promise<boolean> {
    const confirmed = await sql(
      tx,
      `UPDATE second_factors
       SET confirmed_at = shop_now(), last_step = $3
       WHERE user_id = $1 AND sealed_secret = $2 AND confirmed_at IS NULL
       RETURNING user_id`,
      [userId, sealedSecret, step],
    );
    return confirmed.length > 0;
  }

  insertRecoveryCodes(tx: EntityManager, userId: string, codeHashes: readonly string[]): void {
    sqlLater(tx, `INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, unnest($2::text[])`, [userId, codeHashes]);
  }

  /** One conditional statement: a code that was taken is not taken again, whoever comes at the same time. */
  async takeStep(tx: EntityManager, userId: string, step: number): Promise<boolean> {
    const taken = await sql(
      tx,
      `UPDATE second_factors
       SET last_step = $2
       WHERE user_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2
       RETURNING user_id`,
      [userId, step],
    );
    return taken.length > 0;
  }

  async takeRecoveryCode(tx: EntityManager, userId: string, codeHash: string): Promise<boolean> {
    const taken = await sql(
      tx,
      `UPDATE recovery_codes
       SET used_at = shop_now()
       WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL
       RETURNING user_id`,
      [userId, codeHash],
    );
    return taken.length > 0;
  }

  /** Its recovery codes go with it. */
  async remove(tx: EntityManager, userId: string): Promise<void> {
    await sql(tx, `DELETE FROM second_factors WHERE user_id = $1`, [userId]);
  }

  /** The same, if it was begun before anybody had shown to read the account's mail. */
  async removeUnproven(tx: EntityManager, userId: string): Promise<void> {
    await sql(
      tx,
      `DELETE FROM second_factors
       USING users
       WHERE second_factors.user_id = $1 AND users.id = second_factors.user_id
         AND (users.email_verified_at IS NULL OR second_factors.created_at < users.email_verified_at)`,
      [userId],
    );
  }
}
