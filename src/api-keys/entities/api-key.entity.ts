import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/** What an integration shows instead of a session. A revoked one stays: the trail names it. */
@Entity('api_keys')
@Check('api_keys_permissions_check', 'cardinality(permissions) > 0')
// Asked for with every request that shows a key.
@Unique('api_keys_key_hash_key', ['keyHash'])
// The admin's list, newest first, by cursor.
@Index('api_keys_created_at_idx', ['createdAt', 'id'])
export class ApiKey {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'api_keys_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 100 })
  name: string;

  /** SHA-256 of the key, in hex: 256 random bits need no slow hash. */
  @Column({ name: 'key_hash', type: 'char', length: 64 })
  keyHash: string;

  /** How the key begins, for people to tell theirs apart. */
  @Column({ type: 'varchar', length: 16 })
  hint: string;

  @Column({ type: 'varchar', length: 50, array: true })
  permissions: string[];

  @Column({ name: 'created_by', type: 'uuid' })
  createdBy: string;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  /** Null for a key without an end. */
  @Column({ name: 'expires_at', type: 'timestamptz', precision: 3, nullable: true })
  expiresAt: Date | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', precision: 3, nullable: true })
  revokedAt: Date | null;

  /** Within a minute. */
  @Column({ name: 'last_used_at', type: 'timestamptz', precision: 3, nullable: true })
  lastUsedAt: Date | null;
}
