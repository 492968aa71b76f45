import { Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** An event waiting to be published, written in the transaction of the change it tells of. */
@Unique('outbox_event_id_key', ['eventId'])
// The relay's query: what is unpublished, oldest first. Partial: published rows, kept 8 days, cost it nothing.
@Index('outbox_unpublished_idx', ['position'], { where: 'published_at IS NULL' })
// The sweeper's query: what was published long enough ago.
@Index('outbox_published_at_idx', ['publishedAt'], { where: 'published_at IS NOT NULL' })
// The timeline's query: all events of an order. Partial: products have many without one.
@Index('outbox_order_id_idx', ['orderId'], { where: 'order_id IS NOT NULL' })
export abstract class OutboxRow {
  /** Also the event's `sequence`: rising per subject, because the aggregate's row is locked before its event is written. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'outbox_pkey',
  })
  position: string;

  @Column({ name: 'event_id', type: 'uuid' })
  eventId: string;

  @Column({ type: 'varchar', length: 100 })
  topic: string;

  @Column({ type: 'varchar', length: 100 })
  key: string;

  @Column({ type: 'varchar', length: 100 })
  type: string;

  @Column({ type: 'uuid' })
  subject: string;

  @Column({ name: 'order_id', type: 'uuid', nullable: true })
  orderId: string | null;

  @Column({ name: 'causation_id', type: 'varchar', length: 100, nullable: true })
  causationId: string | null;

  @Column({ type: 'varchar', length: 55 })
  traceparent: string;

  @Column({ name: 'schema_version', type: 'smallint' })
  schemaVersion: number;

  @Column({ type: 'json' })
  data: object;

  @Column({ name: 'occurred_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  occurredAt: Date;

  @Column({ name: 'published_at', type: 'timestamptz', precision: 3, nullable: true })
  publishedAt: Date | null;
}

@Entity('outbox')
export class UsersOutboxRow extends OutboxRow {}

@Entity('outbox')
export class ProductsOutboxRow extends OutboxRow {}

@Entity('outbox')
export class OrdersOutboxRow extends OutboxRow {}
