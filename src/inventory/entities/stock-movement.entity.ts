import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

export type StockMovementCause = 'order' | 'restock' | 'admin' | 'import' | 'correction';

/** The ledger of stock: every change of a product's quantity on hand, never altered afterwards. */
@Entity('stock_movements')
@Check('stock_movements_cause_check', `cause IN ('order', 'restock', 'admin', 'import', 'correction')`)
// A product's ledger, and the check that it adds up to `quantity`.
@Index('stock_movements_product_id_idx', ['productId', 'id'])
// An order takes a product from stock once and brings it back once, however often its event is heard.
@Index('stock_movements_once_an_order_idx', ['orderId', 'productId', 'cause'], {
  unique: true,
  where: 'order_id IS NOT NULL',
})
export class StockMovement {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'stock_movements_pkey',
  })
  id: string;

  @Column({ name: 'product_id', type: 'uuid' })
  productId: string;

  @ManyToOne('Product', { nullable: false })
  @JoinColumn({ name: 'product_id', foreignKeyConstraintName: 'stock_movements_product_id_fkey' })
  protected readonly product?: object;

  @Column({ name: 'warehouse_id', type: 'uuid' })
  warehouseId: string;

  @Column({ type: 'integer' })
  delta: number;

  @Column({ type: 'varchar', length: 20 })
  cause: StockMovementCause;

  @Column({ name: 'order_id', type: 'uuid', nullable: true })
  orderId: string | null;

  /** The member of staff who did it, if one did. */
  @Column({ name: 'actor_id', type: 'uuid', nullable: true })
  actorId: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  reason: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;
}
