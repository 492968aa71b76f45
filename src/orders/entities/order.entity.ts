import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { OrderStatus } from '../order.state';

/** An order, here until 30 days after it was delivered or cancelled. Its payment has a status of its own. */
@Entity('orders')
// Finding an order by the number a customer reads out; and no two have the same.
@Unique('orders_number_key', ['number'])
// The order of a checkout; and a checkout becomes one.
@Unique('orders_checkout_id_key', ['checkoutId'])
@Check('orders_status_check', `status IN ('pending', 'confirmed', 'processing', 'shipped', 'delivered', 'cancelled')`)
// A customer's orders, newest first, by cursor: (user_id, created_at DESC, id DESC). TypeORM has no words for DESC.
@Index('orders_user_id_idx', { synchronize: false })
// The admin's orders, newest first, by cursor: (created_at DESC, id DESC).
@Index('orders_created_at_idx', { synchronize: false })
// The archive's query: what was finished long enough ago.
@Index('orders_completed_at_idx', ['completedAt'], { where: 'completed_at IS NOT NULL' })
export class Order {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'orders_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 20 })
  number: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  @Column({ name: 'total_amount', type: 'numeric', precision: 10, scale: 2 })
  totalAmount: string;

  @Column({ name: 'subtotal_amount', type: 'numeric', precision: 10, scale: 2 })
  subtotalAmount: string;

  @Column({ name: 'discount_amount', type: 'numeric', precision: 10, scale: 2, default: 0 })
  discountAmount: string;

  @Column({ name: 'shipping_amount', type: 'numeric', precision: 10, scale: 2, default: 0 })
  shippingAmount: string;

  @Column({ name: 'tax_amount', type: 'numeric', precision: 10, scale: 2, default: 0 })
  taxAmount: string;

  @Column({ type: 'char', length: 3, default: 'USD' })
  currency: string;

  @Column({ type: 'varchar', length: 50, default: 'pending' })
  status: OrderStatus;

  @Column({ name: 'shipping_address_id', type: 'uuid' })
  shippingAddressId: string;

  /** The address as it was when the order was placed. */
  @Column({ name: 'shipping_address', type: 'json' })
  shippingAddress: object;

  @Column({ name: 'shipping_method', type: 'varchar', length: 50 })
  shippingMethod: string;

  @Column({ name: 'payment_id', type: 'uuid' })
  paymentId: string;

  @Column({ name: 'checkout_id', type: 'uuid' })
  checkoutId: string;

  @Column({ name: 'cancel_reason', type: 'varchar', length: 100, nullable: true })
  cancelReason: string | null;

  /** What staff said of the cancellation, for staff. In no event and in no trail: words about people can be taken away. */
  @Column({ name: 'cancel_note', type: 'varchar', length: 500, nullable: true })
  cancelNote: string | null;

  /** Rises with every change: the archive deletes only what it copied. */
  @Column({ type: 'integer', default: 1 })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  updatedAt: Date;

  /** When it was delivered or cancelled. */
  @Column({ name: 'completed_at', type: 'timestamptz', precision: 3, nullable: true })
  completedAt: Date | null;

  @Column({ name: 'archived_at', type: 'timestamptz', precision: 3, nullable: true })
  archivedAt: Date | null;

  /** The version the archive copied. */
  @Column({ name: 'archived_version', type: 'integer', nullable: true })
  archivedVersion: number | null;
}
