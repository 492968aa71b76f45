import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';

/** That somebody's data is to go, from every store; written with the end of their account. */
@Entity('erasures')
// The job's query: what is due. Partial: what is completed costs it nothing.
@Index('erasures_due_idx', ['nextTryAt'], { where: 'completed_at IS NULL' })
export class Erasure {
  @PrimaryColumn({ name: 'user_id', type: 'uuid', primaryKeyConstraintName: 'erasures_pkey' })
  userId: string;

  @ManyToOne('User', { nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'erasures_user_id_fkey' })
  protected readonly user?: object;

  /** Sessions whose copies in Redis are to be told that they ended: their rows are gone. */
  @Column({ name: 'session_ids', type: 'uuid', array: true })
  sessionIds: string[];

  @Column({ name: 'requested_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  requestedAt: Date;

  @Column({ type: 'integer', default: 0 })
  tries: number;

  /** Also the lease of who works on it. */
  @Column({ name: 'next_try_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  nextTryAt: Date;

  @Column({ name: 'completed_at', type: 'timestamptz', precision: 3, nullable: true })
  completedAt: Date | null;
}
