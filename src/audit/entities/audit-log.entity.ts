import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/**
 * Who did what to which thing, written in the transaction that did it. Only ever added to: a trigger refuses all else
 * (audit_log_append_only), and the app's role may do nothing else.
 */
// What was done to one thing.
@Index('audit_log_subject_idx', ['subjectId', 'position'])
// What one member of staff did.
@Index('audit_log_actor_idx', ['actorId', 'position'])
// Everything of one kind that was done.
@Index('audit_log_action_idx', ['action', 'position'])
export abstract class AuditLogRow {
  /** The order of the trail, newest last; also what a hash chain would follow. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'audit_log_pkey',
  })
  position: string;

  /** Null for what the shop did by itself. */
  @Column({ name: 'actor_id', type: 'uuid', nullable: true })
  actorId: string | null;

  /** As `product.updated`. */
  @Column({ type: 'varchar', length: 50 })
  action: string;

  @Column({ name: 'subject_type', type: 'varchar', length: 50 })
  subjectType: string;

  @Column({ name: 'subject_id', type: 'uuid' })
  subjectId: string;

  /** What of it changed, as it was; null for what was new. */
  @Column({ type: 'json', nullable: true })
  before: object | null;

  /** The same as it became; null for what is gone. */
  @Column({ type: 'json', nullable: true })
  after: object | null;

  @Column({ name: 'request_id', type: 'varchar', length: 100, nullable: true })
  requestId: string | null;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  at: Date;
}

@Entity('audit_log')
export class UsersAuditLogRow extends AuditLogRow {}

@Entity('audit_log')
export class ProductsAuditLogRow extends AuditLogRow {}

@Entity('audit_log')
export class OrdersAuditLogRow extends AuditLogRow {}
