import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { Payment } from './payment.entity';
import { Refund } from './refund.entity';

export type PaymentAttemptKind = 'charge' | 'lookup' | 'refund';

/** One call of the provider about a payment, written before the call is made. */
@Entity('payment_attempts')
@Check('payment_attempts_kind_check', `kind IN ('charge', 'lookup', 'refund')`)
@Check('payment_attempts_refund_id_check', `(kind = 'refund') = (refund_id IS NOT NULL)`)
// A payment's attempts, in their order.
@Index('payment_attempts_payment_id_idx', ['paymentId', 'id'])
export class PaymentAttempt {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'payment_attempts_pkey',
  })
  id: string;

  @Column({ name: 'payment_id', type: 'uuid' })
  paymentId: string;

  @ManyToOne(() => Payment, { nullable: false })
  @JoinColumn({ name: 'payment_id', foreignKeyConstraintName: 'payment_attempts_payment_id_fkey' })
  payment?: Payment;

  /** The refund that was tried; null for a try of the charge. Read by way of the payment, so it has no index. */
  @Column({ name: 'refund_id', type: 'uuid', nullable: true })
  refundId: string | null;

  @ManyToOne(() => Refund)
  @JoinColumn({ name: 'refund_id', foreignKeyConstraintName: 'payment_attempts_refund_id_fkey' })
  refund?: Refund | null;

  @Column({ type: 'varchar', length: 20 })
  kind: PaymentAttemptKind;

  /** `started` until the answer came: one that stays so is a call nobody heard the end of. */
  @Column({ type: 'varchar', length: 20, default: 'started' })
  outcome: string;

  @Column({ type: 'varchar', length: 255, nullable: true })
  detail: string | null;

  @Column({ name: 'started_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  startedAt: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', precision: 3, nullable: true })
  finishedAt: Date | null;
}
