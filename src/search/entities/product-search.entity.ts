import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * What a search needs of a product on sale, in a narrow row of its own. Only the triggers of products and inventory write
 * it, so there is no foreign key: it could only say again what they do.
 */
@Entity('product_search')
// The words of a search, with the marks of category and price: GIN over the whole, over one in 16 and over one in 256.
@Index('product_search_words_idx', { synchronize: false })
@Index('product_search_words_tier1_idx', { synchronize: false })
@Index('product_search_words_tier2_idx', { synchronize: false })
export class ProductSearch {
  @PrimaryColumn({ name: 'product_id', type: 'uuid', primaryKeyConstraintName: 'product_search_pkey' })
  productId: string;

  @Column({ name: 'category_id', type: 'uuid' })
  categoryId: string;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  @Column({ type: 'numeric', precision: 10, scale: 2 })
  price: string;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  /** Nothing is left to buy. */
  @Column({ name: 'sold_out', type: 'boolean', default: false })
  soldOut: boolean;

  /** 2 for one product in 256, 1 for one in 16 besides: the samples that stand for all where a word is everywhere. */
  @Column({ type: 'smallint' })
  tier: number;

  /** Stems of name (A), attributes (B) and description (C), and marks: `#`, `#c<category>`, `#p<price band>`. */
  @Column({ type: 'tsvector' })
  words: string;
}
