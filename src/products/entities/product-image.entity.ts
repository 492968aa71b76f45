import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { Product } from './product.entity';

/** One picture of a product; the first is the one its card shows. */
@Entity('product_images')
// A product's images in their order; deferrable, so that they may change places in one transaction.
@Unique('product_images_place_key', ['productId', 'position'], { deferrable: 'INITIALLY IMMEDIATE' })
export class ProductImage {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'product_images_pkey' })
  id: string;

  @Column({ name: 'product_id', type: 'uuid' })
  productId: string;

  @ManyToOne(() => Product, { nullable: false })
  @JoinColumn({ name: 'product_id', foreignKeyConstraintName: 'product_images_product_id_fkey' })
  product?: Product;

  /** Relative to the shop, or absolute. */
  @Column({ type: 'varchar', length: 500 })
  url: string;

  /** What it shows, for those who cannot see it. */
  @Column({ type: 'varchar', length: 255, default: '' })
  alt: string;

  /** Pixels; unknown of images that lie elsewhere. */
  @Column({ type: 'integer', nullable: true })
  width: number | null;

  @Column({ type: 'integer', nullable: true })
  height: number | null;

  /** From 0. */
  @Column({ type: 'smallint' })
  position: number;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;
}
