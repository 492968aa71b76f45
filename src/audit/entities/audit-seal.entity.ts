import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** One link of the chain over an audit trail. Only ever added to (audit_seals_append_only). */
@Unique('audit_seals_position_key', ['position'])
export abstract class AuditSealRow {
  /** The order of the chain: an entry that was committed late has a late place. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'audit_seals_pkey',
  })
  place: string;

  /** Of the entry in audit_log. */
  @Column({ type: 'bigint' })
  position: string;

  /** HMAC-SHA256 of the seal before and this entry, in hex. */
  @Column({ type: 'char', length: 64 })
  seal: string;

  @Column({ name: 'sealed_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  sealedAt: Date;
}

/** Entries that wait for their seal: a trigger of audit_log puts them here. */
export abstract class AuditUnsealedRow {
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'audit_unsealed_pkey' })
  position: string;
}

@Entity('audit_seals')
export class UsersAuditSealRow extends AuditSealRow {}

@Entity('audit_unsealed')
export class UsersAuditUnsealedRow extends AuditUnsealedRow {}

@Entity('audit_seals')
export class ProductsAuditSealRow extends AuditSealRow {}

@Entity('audit_unsealed')
export class ProductsAuditUnsealedRow extends AuditUnsealedRow {}

@Entity('audit_seals')
export class OrdersAuditSealRow extends AuditSealRow {}

@Entity('audit_unsealed')
export class OrdersAuditUnsealedRow extends AuditUnsealedRow {}
