import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { Cursor } from '../common/pagination';
import { sql, sqlLater } from '../database/sql';

export interface AddressFields {
  street: string;
  city: string;
  state: string;
  zipCode: string;
  country: string;
}

export interface AddressRecord extends AddressFields {
  id: string;
  isDefault: boolean;
  createdAt: Date;
}

const ADDRESS = `id, street, city, state, zip_code AS "zipCode", country, is_default AS "isDefault",
  created_at AS "createdAt"`;

/** Every statement names the user too: another user's address is not found. */
@Injectable()
export class AddressesRepository {
  constructor(@InjectDataSource('users') private readonly source: DataSource) {}

  async find(userId: string, id: string): Promise<AddressRecord | null> {
    const [address] = await sql<AddressRecord>(
      this.source,
      `SELECT ${ADDRESS} FROM addresses WHERE user_id = $1 AND id = $2`,
      [userId, id],
    );
    return address ?? null;
  }

  /** Newest first, up to one row more than `limit`. */
  list(userId: string, cursor: Cursor | null, limit: number): Promise<AddressRecord[]> {
    return sql<AddressRecord>(
      this.source,
      `SELECT ${ADDRESS}
       FROM addresses
       WHERE user_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
       ORDER BY created_at DESC, id DESC
       LIMIT $4`,
      [userId, cursor?.at ?? null, cursor?.id ?? null, limit + 1],
    );
  }

  /** Orders keep their own copy of the address they go to. */
  removeAll(tx: EntityManager, userId: string): void {
    sqlLater(tx, `DELETE FROM addresses WHERE user_id = $1`, [userId]);
  }

  async hasAny(tx: EntityManager, userId: string): Promise<boolean> {
    const rows = await sql(tx, `SELECT id FROM addresses WHERE user_id = $1 LIMIT 1`, [userId]);
    return rows.length > 0;
  }

  /** Nothing when the account is erased: who waited for its lock makes nothing there. */
  async insert(
    tx: EntityManager,
    address: AddressFields & { id: string; userId: string; isDefault: boolean },
  ): Promise<AddressRecord[]> {
    return sql<AddressRecord>(
      tx,
      `INSERT INTO addresses (id, user_id, street, city, state, zip_code, country, is_default)
       SELECT $1::uuid, users.id, $3::text, $4::text, $5::text, $6::text, $7::text, $8::boolean
       FROM users
       WHERE users.id = $2 AND erased_at IS NULL
       RETURNING ${ADDRESS}`,
      [
        address.id,
        address.userId,
        address.street,
        address.city,
        address.state,
        address.zipCode,
        address.country,
        address.isDefault,
      ],
    );
  }

  /** Fields left out stay as they are. */
  async update(
    tx: EntityManager,
    userId: string,
    id: string,
    changes: Partial<AddressFields>,
  ): Promise<AddressRecord | null> {
    const [address] = await sql<AddressRecord>(
      tx,
      `UPDATE addresses
       SET street = coalesce($3, street), city = coalesce($4, city), state = coalesce($5, state),
           zip_code = coalesce($6, zip_code), country = coalesce($7, country)
       WHERE user_id = $1 AND id = $2
       RETURNING ${ADDRESS}`,
      [
        userId,
        id,
        changes.street ?? null,
        changes.city ?? null,
        changes.state ?? null,
        changes.zipCode ?? null,
        changes.country ?? null,
      ],
    );
    return address ?? null;
  }

  async clearDefault(tx: EntityManager, userId: string): Promise<void> {
    await sql(tx, `UPDATE addresses SET is_default = false WHERE user_id = $1 AND is_default`, [userId]);
  }

  async makeDefault(tx: EntityManager, userId: string, id: string): Promise<void> {
    await sql(tx, `UPDATE addresses SET is_default = true WHERE user_id = $1 AND id = $2`, [userId, id]);
  }

  async makeOldestDefault(tx: EntityManager, userId: string): Promise<void> {
    await sql(
      tx,
      `UPDATE addresses
       SET is_default = true
       WHERE id = (SELECT id FROM addresses WHERE user_id = $1 ORDER BY created_at, id LIMIT 1)`,
      [userId],
    );
  }

  async remove(tx: EntityManager, userId: string, id: string): Promise<{ wasDefault: boolean } | null> {
    const [removed] = await sql<{ wasDefault: boolean }>(
      tx,
      `DELETE FROM addresses WHERE user_id = $1 AND id = $2 RETURNING is_default AS "wasDefault"`,
      [userId, id],
    );
    return removed ?? null;
  }
}
