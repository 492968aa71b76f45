import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

export type PlacementStatus = 'live' | 'ended' | 'tombstone';

/** What became of a checkout, for ever: an order, or a tombstone that lets none come of it any more. First wins. */
@Entity('placements')
// The placement of an order; and an order has one.
@Unique('placements_order_id_key', ['orderId'])
@Check('placements_status_check', `status IN ('live', 'ended', 'tombstone')`)
// Two checkouts of one cart become one live order. A tombstone has no cart, an ended order frees its version.
@Index('placements_one_order_a_cart_version_idx', ['cartId', 'cartVersion'], {
  unique: true,
  where: `status = 'live'`,
})
export class Placement {
  @PrimaryColumn({ name: 'checkout_id', type: 'uuid', primaryKeyConstraintName: 'placements_pkey' })
  checkoutId: string;

  @Column({ name: 'order_id', type: 'uuid' })
  orderId: string;

  @Column({ name: 'cart_id', type: 'uuid', nullable: true })
  cartId: string | null;

  @Column({ name: 'cart_version', type: 'integer', nullable: true })
  cartVersion: number | null;

  @Column({ type: 'varchar', length: 20 })
  status: PlacementStatus;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;
}
