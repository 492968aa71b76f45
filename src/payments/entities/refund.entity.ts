import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import type { RefundStatus } from '../refund.state';
import { Payment } from './payment.entity';

/** Money given back of a payment, or to be given back. */
@Entity('refunds')
// A payment's refunds; and a cause refunds it once, however often it is heard.
@Unique('refunds_cause_key', ['paymentId', 'cause'])
@Check('refunds_amount_check', 'amount > 0')
@Check('refunds_status_check', `status IN ('requested', 'sending', 'succeeded', 'failed')`)
// The refund worker's query: what is due. Partial: settled refunds cost it nothing.
@Index('refunds_due_idx', ['nextTryAt'], { where: `status IN ('requested', 'sending')` })
export class Refund {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'refunds_pkey' })
  id: string;

  @Column({ name: 'payment_id', type: 'uuid' })
  paymentId: string;

  @ManyToOne(() => Payment, { nullable: false })
  @JoinColumn({ name: 'payment_id', foreignKeyConstraintName: 'refunds_payment_id_fkey' })
  payment?: Payment;

  @Column({ type: 'varchar', length: 100 })
  cause: string;

  @Column({ type: 'numeric', precision: 10, scale: 2 })
  amount: string;

  @Column({ type: 'varchar', length: 255 })
  reason: string;

  @Column({ type: 'varchar', length: 20, default: 'requested' })
  status: RefundStatus;

  @Column({ name: 'provider_refund_id', type: 'varchar', length: 100, nullable: true })
  providerRefundId: string | null;

  @Column({ type: 'integer', default: 0 })
  tries: number;

  /** Also the worker's lease: nobody else takes the row before then. */
  @Column({ name: 'next_try_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  nextTryAt: Date;

  @Column({ name: 'last_error', type: 'varchar', length: 255, nullable: true })
  lastError: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  updatedAt: Date;
}
