import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { User } from './user.entity';

/** Where a user has things sent to. */
@Entity('addresses')
// A user's addresses, oldest first.
@Index('addresses_user_id_idx', ['userId', 'createdAt'])
// A checkout's query for the default address; and no user has two.
@Index('addresses_one_default_idx', ['userId'], { unique: true, where: 'is_default' })
export class Address {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'addresses_pkey' })
  id: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  @ManyToOne(() => User, { nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'addresses_user_id_fkey' })
  user?: User;

  @Column({ type: 'varchar', length: 255 })
  street: string;

  @Column({ type: 'varchar', length: 100 })
  city: string;

  @Column({ type: 'varchar', length: 100 })
  state: string;

  @Column({ name: 'zip_code', type: 'varchar', length: 20 })
  zipCode: string;

  @Column({ type: 'varchar', length: 100 })
  country: string;

  @Column({ name: 'is_default', type: 'boolean', default: false })
  isDefault: boolean;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;
}
