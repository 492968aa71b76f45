import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/** Someone with an account: a customer or staff. */
@Entity('users')
// Signing in, and one account an email: emails are kept in lower case.
@Unique('users_email_key', ['email'])
@Check('users_email_lower_check', 'email = lower(email)')
// The admin's list of users, by cursor.
@Index('users_created_at_idx', ['createdAt', 'id'])
export class User {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'users_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 255 })
  email: string;

  @Column({ name: 'password_hash', type: 'varchar', length: 255 })
  passwordHash: string;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  /** Where text messages go; without it none are sent. */
  @Column({ type: 'varchar', length: 32, nullable: true })
  phone: string | null;

  @Column({ type: 'varchar', length: 20, array: true, default: ['customer'] })
  roles: string[];

  /** When someone showed that they read mail to this address; null until then. */
  @Column({ name: 'email_verified_at', type: 'timestamptz', precision: 3, nullable: true })
  emailVerifiedAt: Date | null;

  /** When the account was erased: the row stays for what refers to it, and names nobody. */
  @Column({ name: 'erased_at', type: 'timestamptz', precision: 3, nullable: true })
  erasedAt: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  updatedAt: Date;
}
