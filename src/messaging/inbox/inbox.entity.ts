import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An event a listener group has dealt with, written in the transaction of its effect: the same event again does nothing. */
// The sweeper's query: rows older than any event Kafka may still deliver.
@Index('inbox_received_at_idx', ['receivedAt'])
export abstract class InboxRow {
  @PrimaryColumn({ name: 'listener_group', type: 'varchar', length: 50, primaryKeyConstraintName: 'inbox_pkey' })
  listenerGroup: string;

  @PrimaryColumn({ name: 'event_id', type: 'uuid', primaryKeyConstraintName: 'inbox_pkey' })
  eventId: string;

  @Column({ name: 'received_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  receivedAt: Date;
}

@Entity('inbox')
export class UsersInboxRow extends InboxRow {}

@Entity('inbox')
export class ProductsInboxRow extends InboxRow {}

@Entity('inbox')
export class OrdersInboxRow extends InboxRow {}
