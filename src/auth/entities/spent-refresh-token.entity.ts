import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Session } from './session.entity';

/** A refresh token that was exchanged: who shows it again has copied it, or was copied. */
@Entity('spent_refresh_tokens')
// Whether a token is its session's last spent one; and what goes with a swept session.
@Index('spent_refresh_tokens_session_id_idx', ['sessionId', 'spentAt'])
// The sweeper's query.
@Index('spent_refresh_tokens_spent_at_idx', ['spentAt'])
export class SpentRefreshToken {
  /** SHA-256, in hex. */
  @PrimaryColumn({
    name: 'token_hash',
    type: 'char',
    length: 64,
    primaryKeyConstraintName: 'spent_refresh_tokens_pkey',
  })
  tokenHash: string;

  @Column({ name: 'session_id', type: 'uuid' })
  sessionId: string;

  @ManyToOne(() => Session, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'session_id', foreignKeyConstraintName: 'spent_refresh_tokens_session_id_fkey' })
  protected readonly session?: Session;

  @Column({ name: 'spent_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  spentAt: Date;
}
