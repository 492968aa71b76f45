import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Cart } from './cart.entity';

/** How many of a product lie in a cart. */
@Entity('cart_items')
@Check('cart_items_quantity_check', 'quantity > 0')
export class CartItem {
  @PrimaryColumn({ name: 'cart_id', type: 'uuid', primaryKeyConstraintName: 'cart_items_pkey' })
  cartId: string;

  @ManyToOne(() => Cart, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'cart_id', foreignKeyConstraintName: 'cart_items_cart_id_fkey' })
  cart?: Cart;

  /** Lives in the products database: no foreign key reaches it. */
  @PrimaryColumn({ name: 'product_id', type: 'uuid', primaryKeyConstraintName: 'cart_items_pkey' })
  productId: string;

  @Column({ type: 'integer' })
  quantity: number;

  /** Of one piece, when the customer last put it in or changed the line; null in lines older than this column. */
  @Column({ name: 'seen_price', type: 'numeric', precision: 10, scale: 2, nullable: true })
  seenPrice: string | null;

  @Column({ name: 'added_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  addedAt: Date;
}
