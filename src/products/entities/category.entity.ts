import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';

/** A node of the catalogue's tree. */
@Entity('categories')
// A category's children, down to every descendant.
@Index('categories_parent_id_idx', ['parentId'])
export class Category {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'categories_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  @Column({ name: 'parent_id', type: 'uuid', nullable: true })
  parentId: string | null;

  @ManyToOne(() => Category)
  @JoinColumn({ name: 'parent_id', foreignKeyConstraintName: 'categories_parent_id_fkey' })
  parent?: Category | null;
}
