import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import type { ShipmentStatus } from '../shipment.state';

/** The parcel of an order. */
@Entity('shipments')
// The shipment of an order; and an order has one.
@Unique('shipments_order_id_key', ['orderId'])
@Check('shipments_status_check', `status IN ('preparing', 'shipped', 'delivered', 'cancelled')`)
export class Shipment {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'shipments_pkey' })
  id: string;

  @Column({ name: 'order_id', type: 'uuid' })
  orderId: string;

  @ManyToOne('Order', { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'order_id', foreignKeyConstraintName: 'shipments_order_id_fkey' })
  protected readonly order?: object;

  @Column({ type: 'varchar', length: 20, default: 'preparing' })
  status: ShipmentStatus;

  @Column({ type: 'varchar', length: 100, nullable: true })
  carrier: string | null;

  @Column({ name: 'tracking_number', type: 'varchar', length: 100, nullable: true })
  trackingNumber: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'shipped_at', type: 'timestamptz', precision: 3, nullable: true })
  shippedAt: Date | null;

  @Column({ name: 'delivered_at', type: 'timestamptz', precision: 3, nullable: true })
  deliveredAt: Date | null;
}
