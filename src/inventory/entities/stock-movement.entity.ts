import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

export type StockMovementCause = 'order' | 'restock' | 'admin' | 'import' | 'correction';

/**
 * The ledger of stock: every change of a product's quantity on hand. Rows are only ever added: a trigger refuses all
 * else (stock_movements_append_only), and the app's role may do nothing else.
 */
@Entity('stock_movements')
@Check('stock_movements_cause_check', `cause IN ('order', 'restock', 'admin', 'import', 'correction')`)
@Check('stock_movements_delta_check', 'delta <> 0')
// What led to a change can be looked up: the order, the member of staff, or why it was corrected. What an import took
// away someone answers for.
@Check(
  'stock_movements_told_check',
  `CASE cause
    WHEN 'order' THEN delta < 0 AND order_id IS NOT NULL
    WHEN 'restock' THEN delta > 0 AND order_id IS NOT NULL
    WHEN 'import' THEN (delta > 0 OR actor_id IS NOT NULL) AND order_id IS NULL
    WHEN 'admin' THEN actor_id IS NOT NULL AND order_id IS NULL
    ELSE reason IS NOT NULL AND order_id IS NULL
  END`,
)
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
