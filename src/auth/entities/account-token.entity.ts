import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';

/** A token that was mailed: whoever shows it reads that mailbox. */
@Entity('account_tokens')
// The token that was shown is found by its hash.
@Unique('account_tokens_token_hash_key', ['tokenHash'])
@Check('account_tokens_purpose_check', `purpose IN ('password_reset', 'email_verification')`)
// Ending a user's other tokens.
@Index('account_tokens_user_id_idx', ['userId', 'purpose'])
// The sweeper's query.
@Index('account_tokens_expires_at_idx', ['expiresAt'])
export class AccountToken {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'account_tokens_pkey' })
  id: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  @ManyToOne('User', { nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'account_tokens_user_id_fkey' })
  protected readonly user?: object;

  @Column({ type: 'varchar', length: 20 })
  purpose: string;

  /** SHA-256, in hex. */
  @Column({ name: 'token_hash', type: 'char', length: 64 })
  tokenHash: string;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'expires_at', type: 'timestamptz', precision: 3 })
  expiresAt: Date;

  @Column({ name: 'used_at', type: 'timestamptz', precision: 3, nullable: true })
  usedAt: Date | null;
}
