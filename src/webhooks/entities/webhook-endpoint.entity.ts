import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An address outside the shop that is told of events. */
@Entity('webhook_endpoints')
@Check('webhook_endpoints_event_types_check', 'cardinality(event_types) > 0')
@Check('webhook_endpoints_former_secret_check', '(former_secret IS NULL) = (former_secret_until IS NULL)')
@Check(
  'webhook_endpoints_disabled_check',
  `(disabled_at IS NULL) = (disabled_reason IS NULL)
   AND disabled_reason IN ('staff', 'gone', 'failing', 'deleted')`,
)
// The admin's list, newest first, by cursor. They are few: all other queries read them all.
@Index('webhook_endpoints_created_at_idx', ['createdAt', 'id'])
export class WebhookEndpoint {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'webhook_endpoints_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 2048 })
  url: string;

  @Column({ type: 'varchar', length: 500 })
  description: string;

  @Column({ name: 'event_types', type: 'varchar', length: 50, array: true })
  eventTypes: string[];

  /** Signs what is sent; encrypted with DATA_ENCRYPTION_KEY, as the former one. */
  @Column({ type: 'text' })
  secret: string;

  /** Signs as well until its end, so that the receiver can change over. */
  @Column({ name: 'former_secret', type: 'text', nullable: true })
  formerSecret: string | null;

  @Column({ name: 'former_secret_until', type: 'timestamptz', precision: 3, nullable: true })
  formerSecretUntil: Date | null;

  /** Events that happened before are none of its. */
  @Column({ name: 'listens_from', type: 'timestamptz', precision: 3 })
  listensFrom: Date;

  /** The first failure after which nothing succeeded. */
  @Column({ name: 'failing_since', type: 'timestamptz', precision: 3, nullable: true })
  failingSince: Date | null;

  @Column({ name: 'disabled_at', type: 'timestamptz', precision: 3, nullable: true })
  disabledAt: Date | null;

  /** A deleted one goes with its last delivery, which the sweeper removes. */
  @Column({ name: 'disabled_reason', type: 'varchar', length: 20, nullable: true })
  disabledReason: string | null;

  @Column({ type: 'integer', default: 1 })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  updatedAt: Date;
}
