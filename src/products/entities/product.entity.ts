import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { Category } from './category.entity';

/** Lists show nothing else. */
const ON_SALE = 'deleted_at IS NULL';

/** Something the shop sells. */
@Entity('products')
// Finding a product by its SKU, and one product a SKU.
@Unique('products_sku_key', ['sku'])
// Finding a product by its address, and one product an address.
@Unique('products_slug_key', ['slug'])
@Check('products_price_check', 'price >= 0')
// The catalogue sorted by name; a product that is named in full.
@Index('products_name_idx', ['name', 'id'], { where: ON_SALE })
// The catalogue sorted by price, either way.
@Index('products_price_idx', ['price', 'id'], { where: ON_SALE })
// The catalogue, newest first.
@Index('products_created_at_idx', ['createdAt', 'id'], { where: ON_SALE })
// A category's page, sorted by name, by price, by age; what is related to a product, by price.
@Index('products_category_id_idx', ['categoryId', 'name', 'id'], { where: ON_SALE })
@Index('products_category_price_idx', ['categoryId', 'price', 'id'], { where: ON_SALE })
@Index('products_category_created_at_idx', ['categoryId', 'createdAt', 'id'], { where: ON_SALE })
export class Product {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'products_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  @Column({ type: 'text', default: '' })
  description: string;

  @Column({ type: 'numeric', precision: 10, scale: 2 })
  price: string;

  @Column({ type: 'char', length: 3, default: 'USD' })
  currency: string;

  @Column({ type: 'varchar', length: 100 })
  sku: string;

  @Column({ name: 'category_id', type: 'uuid' })
  categoryId: string;

  @ManyToOne(() => Category, { nullable: false })
  @JoinColumn({ name: 'category_id', foreignKeyConstraintName: 'products_category_id_fkey' })
  category?: Category;

  @Column({ name: 'image_url', type: 'varchar', length: 500, nullable: true })
  imageUrl: string | null;

  /** Its address in the shop. */
  @Column({ type: 'varchar', length: 255, default: () => 'gen_random_uuid()' })
  slug: string;

  /** What sets it apart, as `{"colour": "red"}`: texts by the names a shop gives them. */
  @Column({ type: 'jsonb', default: () => "'{}'" })
  attributes: Record<string, string>;

  /** Off sale since then: in no list, in no cart; its orders and its ledger stay. */
  @Column({ name: 'deleted_at', type: 'timestamptz', precision: 3, nullable: true })
  deletedAt: Date | null;

  /** Rises with every change; the product's ETag. */
  @Column({ type: 'integer', default: 1 })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  updatedAt: Date;
}
