import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { CheckoutStatus } from '../checkout.state';

/** A cart on its way to an order: its lines with the prices promised, and until when its stock is held. */
@Entity('checkouts')
// The checkout of an order whose event is heard; and an order comes of one.
@Unique('checkouts_order_id_key', ['orderId'])
@Check('checkouts_status_check', `status IN ('held', 'claimed', 'expired', 'released')`)
// A customer's open checkout, which a new one releases; and there is only one.
@Index('checkouts_one_held_idx', ['userId'], { unique: true, where: `status = 'held'` })
// The query for holds that ran out.
@Index('checkouts_expiring_idx', ['expiresAt'], { where: `status = 'held'` })
// All checkouts of a customer, for an export or an erasure: (user_id, created_at DESC, id DESC).
@Index('checkouts_user_id_idx', { synchronize: false })
export class Checkout {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'checkouts_pkey' })
  id: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  /** The order this may become: chosen now, so that placing it twice is placing the same one. */
  @Column({ name: 'order_id', type: 'uuid' })
  orderId: string;

  @Column({ name: 'cart_id', type: 'uuid' })
  cartId: string;

  @Column({ name: 'cart_version', type: 'integer' })
  cartVersion: number;

  /** What becomes of the stock after `claimed` is told by the reservations alone. */
  @Column({ type: 'varchar', length: 20, default: 'held' })
  status: CheckoutStatus;

  @Column({ type: 'json' })
  lines: object;

  @Column({ type: 'char', length: 3, default: 'USD' })
  currency: string;

  @Column({ name: 'subtotal_amount', type: 'numeric', precision: 10, scale: 2 })
  subtotalAmount: string;

  @Column({ name: 'discount_amount', type: 'numeric', precision: 10, scale: 2, default: 0 })
  discountAmount: string;

  @Column({ name: 'shipping_amount', type: 'numeric', precision: 10, scale: 2, default: 0 })
  shippingAmount: string;

  @Column({ name: 'tax_amount', type: 'numeric', precision: 10, scale: 2, default: 0 })
  taxAmount: string;

  @Column({ name: 'total_amount', type: 'numeric', precision: 10, scale: 2 })
  totalAmount: string;

  @Column({ name: 'shipping_address_id', type: 'uuid' })
  shippingAddressId: string;

  /** As it was when the customer checked out. */
  @Column({ name: 'shipping_address', type: 'json' })
  shippingAddress: object;

  @Column({ name: 'shipping_method', type: 'varchar', length: 50 })
  shippingMethod: string;

  @Column({ name: 'expires_at', type: 'timestamptz', precision: 3 })
  expiresAt: Date;

  @Column({ name: 'claimed_at', type: 'timestamptz', precision: 3, nullable: true })
  claimedAt: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  updatedAt: Date;
}
