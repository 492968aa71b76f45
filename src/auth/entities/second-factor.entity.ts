import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';

/** A user's authenticator app. Until it is confirmed it is asked for nowhere. */
@Entity('second_factors')
export class SecondFactor {
  @PrimaryColumn({ name: 'user_id', type: 'uuid', primaryKeyConstraintName: 'second_factors_pkey' })
  userId: string;

  @OneToOne('User', { nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'second_factors_user_id_fkey' })
  protected readonly user?: object;

  /** The secret of the codes, encrypted (`sealed-text.service.ts`). */
  @Column({ name: 'sealed_secret', type: 'varchar', length: 255 })
  sealedSecret: string;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'confirmed_at', type: 'timestamptz', precision: 3, nullable: true })
  confirmedAt: Date | null;

  /** The half minute of the last code that was taken: no code is taken twice, nor one before it. */
  @Column({ name: 'last_step', type: 'bigint', default: 0 })
  lastStep: string;
}
