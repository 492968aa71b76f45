import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { Order } from './order.entity';

/** A line of an order, with name, SKU and price as they were when it was placed. */
@Entity('order_items')
// An order's items, in the order of its lines.
@Unique('order_items_line_key', ['orderId', 'line'])
@Check('order_items_quantity_check', 'quantity > 0')
export class OrderItem {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'order_items_pkey' })
  id: string;

  @Column({ name: 'order_id', type: 'uuid' })
  orderId: string;

  @ManyToOne(() => Order, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'order_id', foreignKeyConstraintName: 'order_items_order_id_fkey' })
  order?: Order;

  @Column({ type: 'integer' })
  line: number;

  /** Lives in the products database: no foreign key reaches it. */
  @Column({ name: 'product_id', type: 'uuid' })
  productId: string;

  @Column({ type: 'varchar', length: 100 })
  sku: string;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  @Column({ type: 'integer' })
  quantity: number;

  /** Of one piece. */
  @Column({ name: 'price_at_purchase', type: 'numeric', precision: 10, scale: 2 })
  priceAtPurchase: string;
}
