import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { Product } from './product.entity';

/**
 * Each price a product had, from its first on. Written by triggers of `products` (products_tell_price), so that no
 * statement can change a price without it; only ever added to, as the ledger of stock.
 */
@Entity('price_history')
// A product's prices, newest first; the lowest of the last days.
@Index('price_history_product_id_idx', ['productId', 'id'])
export class PriceHistory {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'price_history_pkey',
  })
  id: string;

  @Column({ name: 'product_id', type: 'uuid' })
  productId: string;

  @ManyToOne(() => Product, { nullable: false })
  @JoinColumn({ name: 'product_id', foreignKeyConstraintName: 'price_history_product_id_fkey' })
  product?: Product;

  /** Null for the first. */
  @Column({ name: 'old_price', type: 'numeric', precision: 10, scale: 2, nullable: true })
  oldPrice: string | null;

  @Column({ name: 'new_price', type: 'numeric', precision: 10, scale: 2 })
  newPrice: string;

  @Column({ type: 'char', length: 3 })
  currency: string;

  /** The member of staff, as `tradepost.actor_id` of the transaction tells; null when none did it. */
  @Column({ name: 'actor_id', type: 'uuid', nullable: true })
  actorId: string | null;

  @Column({ name: 'changed_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  changedAt: Date;
}
