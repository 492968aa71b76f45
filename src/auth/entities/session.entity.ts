import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';

/** One sign-in of a user. Redis only fronts it: whether it still holds is told here. */
@Entity('sessions')
// Refreshing: the token that was shown is found by its hash.
@Unique('sessions_refresh_token_hash_key', ['refreshTokenHash'])
// Ending every session of a user.
@Index('sessions_user_id_idx', ['userId'])
// The sweeper's query: sessions that ran out.
@Index('sessions_expires_at_idx', ['expiresAt'])
export class Session {
  /** The `sid` of the access token. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'sessions_pkey' })
  id: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  @ManyToOne('User', { nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'sessions_user_id_fkey' })
  protected readonly user?: object;

  /** SHA-256 of the refresh token, in hex. */
  @Column({ name: 'refresh_token_hash', type: 'char', length: 64 })
  refreshTokenHash: string;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  /** The last sign-in or refresh: requests in between are not written down. */
  @Column({ name: 'last_used_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  lastUsedAt: Date;

  /** Of the last sign-in or refresh, as its user may know it again. */
  @Column({ name: 'user_agent', type: 'varchar', length: 255, nullable: true })
  userAgent: string | null;

  @Column({ name: 'ip_prefix', type: 'varchar', length: 50, nullable: true })
  ipPrefix: string | null;

  @Column({ name: 'expires_at', type: 'timestamptz', precision: 3 })
  expiresAt: Date;

  @Column({ name: 'revoked_at', type: 'timestamptz', precision: 3, nullable: true })
  revokedAt: Date | null;
}
