import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';

/** The cart of a user, or of a guest who has not signed in. */
@Entity('carts')
// Finding a user's cart, and a user has one.
@Unique('carts_user_id_key', ['userId'])
// Finding a guest's cart, and a guest has one.
@Unique('carts_guest_id_key', ['guestId'])
// Sweeping the carts of guests who did not come back, the longest away first.
@Index('carts_guest_updated_at_idx', ['updatedAt'], { where: 'guest_id IS NOT NULL' })
@Check('carts_owner_check', 'num_nonnulls(user_id, guest_id) = 1')
export class Cart {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'carts_pkey' })
  id: string;

  @Column({ name: 'user_id', type: 'uuid', nullable: true })
  userId: string | null;

  @ManyToOne('User')
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'carts_user_id_fkey' })
  protected readonly user?: object;

  @Column({ name: 'guest_id', type: 'uuid', nullable: true })
  guestId: string | null;

  /** Rises with every change of the items: an order is placed once for a version. */
  @Column({ type: 'integer', default: 0 })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  updatedAt: Date;
}
