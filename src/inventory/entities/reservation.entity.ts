import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import type { ReservationStatus } from '../reservation.state';

/** What one checkout holds of one product. Every change of its state is a change of the product's inventory too. */
@Entity('reservations')
// Everything a checkout holds, in product order; and a product once.
@Unique('reservations_line_key', ['checkoutId', 'productId'])
@Check('reservations_quantity_check', 'quantity > 0')
@Check('reservations_status_check', `status IN ('held', 'claimed', 'expired', 'released', 'committed', 'restocked')`)
// Who holds a product now: the mirror in Redis, and the check that `reserved_quantity` adds up.
@Index('reservations_live_idx', ['productId'], { where: `status IN ('held', 'claimed')` })
// The reaper's query: claimed a while ago, perhaps without an order.
@Index('reservations_claimed_idx', ['updatedAt'], { where: `status = 'claimed'` })
export class Reservation {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'reservations_pkey' })
  id: string;

  @Column({ name: 'checkout_id', type: 'uuid' })
  checkoutId: string;

  /** The order the checkout may become: chosen when the stock is held. */
  @Column({ name: 'order_id', type: 'uuid' })
  orderId: string;

  @Column({ name: 'product_id', type: 'uuid' })
  productId: string;

  @ManyToOne('Product', { nullable: false })
  @JoinColumn({ name: 'product_id', foreignKeyConstraintName: 'reservations_product_id_fkey' })
  protected readonly product?: object;

  @Column({ name: 'warehouse_id', type: 'uuid' })
  warehouseId: string;

  @Column({ type: 'integer' })
  quantity: number;

  @Column({ type: 'varchar', length: 20, default: 'held' })
  status: ReservationStatus;

  /** Only what is held runs out: what is claimed waits for the outcome of its order. */
  @Column({ name: 'expires_at', type: 'timestamptz', precision: 3 })
  expiresAt: Date;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  updatedAt: Date;
}
