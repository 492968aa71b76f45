import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';

/** A product's stock: what is on hand and how much of that is spoken for. */
@Entity('inventory')
@Check('inventory_never_oversold_check', 'reserved_quantity >= 0 AND reserved_quantity <= quantity')
export class Inventory {
  @PrimaryColumn({ name: 'product_id', type: 'uuid', primaryKeyConstraintName: 'inventory_pkey' })
  productId: string;

  @ManyToOne('Product', { nullable: false })
  @JoinColumn({ name: 'product_id', foreignKeyConstraintName: 'inventory_product_id_fkey' })
  protected readonly product?: object;

  @Column({ name: 'warehouse_id', type: 'uuid' })
  warehouseId: string;

  /** On hand, reserved included: the sum of the product's stock movements. */
  @Column({ type: 'integer' })
  quantity: number;

  /** The sum of the product's held and claimed reservations. */
  @Column({ name: 'reserved_quantity', type: 'integer', default: 0 })
  reservedQuantity: number;

  /** Whether low stock was told of: it is told once per fall. */
  @Column({ name: 'low_stock', type: 'boolean', default: true })
  lowStock: boolean;

  /** Rises with every change; the row's ETag. */
  @Column({ type: 'integer', default: 1 })
  version: number;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  updatedAt: Date;
}
