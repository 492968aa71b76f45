import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';

/** A node of the catalogue's tree. */
@Entity('categories')
// Finding a category by its address, and one category an address.
@Unique('categories_slug_key', ['slug'])
// A category's children, down to every descendant.
@Index('categories_parent_id_idx', ['parentId'])
export class Category {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'categories_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  /** Its address in the shop. */
  @Column({ type: 'varchar', length: 255, default: () => 'gen_random_uuid()' })
  slug: string;

  /** Rises with every change; the category's ETag. */
  @Column({ type: 'integer', default: 1 })
  version: number;

  @Column({ name: 'parent_id', type: 'uuid', nullable: true })
  parentId: string | null;

  @ManyToOne(() => Category)
  @JoinColumn({ name: 'parent_id', foreignKeyConstraintName: 'categories_parent_id_fkey' })
  parent?: Category | null;
}
