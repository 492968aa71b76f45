import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many products on sale hang in a category itself; a trigger of products keeps it, in the same transaction. */
@Entity('category_counts')
export class CategoryCount {
  @PrimaryColumn({ name: 'category_id', type: 'uuid', primaryKeyConstraintName: 'category_counts_pkey' })
  categoryId: string;

  @Column({ type: 'integer' })
  products: number;
}
