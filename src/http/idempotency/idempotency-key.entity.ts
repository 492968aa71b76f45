import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A stored success: the same key, scope and body gets the same answer again for 24 hours. */
// The sweeper's query: keys older than 24 hours.
@Index('idempotency_keys_created_at_idx', ['createdAt'])
export abstract class IdempotencyKeyRow {
  /** Who and what: the user (or address) and the route. */
  @PrimaryColumn({ type: 'varchar', length: 200, primaryKeyConstraintName: 'idempotency_keys_pkey' })
  scope: string;

  @PrimaryColumn({ type: 'varchar', length: 255, primaryKeyConstraintName: 'idempotency_keys_pkey' })
  key: string;

  /** SHA-256 of the request body, in hex. */
  @Column({ name: 'request_hash', type: 'char', length: 64 })
  requestHash: string;

  @Column({ type: 'json' })
  response: object;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;
}

@Entity('idempotency_keys')
export class UsersIdempotencyKeyRow extends IdempotencyKeyRow {}

@Entity('idempotency_keys')
export class ProductsIdempotencyKeyRow extends IdempotencyKeyRow {}

@Entity('idempotency_keys')
export class OrdersIdempotencyKeyRow extends IdempotencyKeyRow {}
