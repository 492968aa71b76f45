import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Erasure } from './erasure.entity';

/** One store's part of an erasure. */
@Entity('erasure_steps')
export class ErasureStep {
  @PrimaryColumn({ name: 'user_id', type: 'uuid', primaryKeyConstraintName: 'erasure_steps_pkey' })
  userId: string;

  @ManyToOne(() => Erasure, { nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'erasure_steps_user_id_fkey' })
  erasure?: Erasure;

  @PrimaryColumn({ type: 'varchar', length: 20, primaryKeyConstraintName: 'erasure_steps_pkey' })
  step: string;

  /** How often it was done, or tried: twice at least. */
  @Column({ type: 'integer', default: 0 })
  runs: number;

  /** When it was last done. */
  @Column({ name: 'done_at', type: 'timestamptz', precision: 3, nullable: true })
  doneAt: Date | null;

  /** What has to end before it is done for good, as an order that is on its way. */
  @Column({ name: 'waits_for', type: 'varchar', length: 500, nullable: true })
  waitsFor: string | null;

  @Column({ name: 'last_error', type: 'varchar', length: 500, nullable: true })
  lastError: string | null;
}
