import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { PaymentStatus } from '../payment.state';

/** The payment of an order, kept for ever. Its id is the provider's idempotency key: asked again, charged once. */
@Entity('payments')
// The payment of an order; and an order has one. No foreign key: the order leaves for the archive, the payment stays.
@Unique('payments_order_id_key', ['orderId'])
@Check(
  'payments_status_check',
  `status IN ('initiated', 'voided', 'charging', 'succeeded', 'failed', 'unknown', 'partially_refunded', 'refunded')`,
)
@Check('payments_refunded_amount_check', 'refunded_amount >= 0 AND refunded_amount <= amount')
// The charge worker's query: what is due. Partial: settled payments cost it nothing.
@Index('payments_due_idx', ['nextTryAt'], { where: `status IN ('initiated', 'charging', 'unknown')` })
// What a customer paid, for an erasure.
@Index('payments_user_id_idx', ['userId'])
export class Payment {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'payments_pkey' })
  id: string;

  @Column({ name: 'order_id', type: 'uuid' })
  orderId: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  @Column({ type: 'varchar', length: 30 })
  provider: string;

  /** What the provider gave the customer to pay with. */
  @Column({ type: 'varchar', length: 255 })
  token: string;

  @Column({ type: 'numeric', precision: 10, scale: 2 })
  amount: string;

  @Column({ name: 'refunded_amount', type: 'numeric', precision: 10, scale: 2, default: 0 })
  refundedAmount: string;

  @Column({ type: 'char', length: 3, default: 'USD' })
  currency: string;

  @Column({ type: 'varchar', length: 30, default: 'initiated' })
  status: PaymentStatus;

  /** The provider's id of the charge. */
  @Column({ name: 'charge_id', type: 'varchar', length: 100, nullable: true })
  chargeId: string | null;

  @Column({ name: 'failure_code', type: 'varchar', length: 100, nullable: true })
  failureCode: string | null;

  /** Of the request that placed the order: the charge goes on in its trace. */
  @Column({ type: 'varchar', length: 55 })
  traceparent: string;

  @Column({ type: 'integer', default: 0 })
  tries: number;

  /** Also the worker's lease: nobody else takes the row before then. */
  @Column({ name: 'next_try_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  nextTryAt: Date;

  @Column({ name: 'first_tried_at', type: 'timestamptz', precision: 3, nullable: true })
  firstTriedAt: Date | null;

  /** From here the time runs in which an order must be paid: a provider that is down cancels nothing. */
  @Column({ name: 'first_answered_at', type: 'timestamptz', precision: 3, nullable: true })
  firstAnsweredAt: Date | null;

  @Column({ type: 'integer', default: 1 })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  updatedAt: Date;
}
