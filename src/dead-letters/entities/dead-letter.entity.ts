import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { StoredHeaders } from '../dead-letter.record';
import type { DeadLetterStatus } from '../dead-letter.state';

/** An event that a listener group gave up, kept as it was until someone decides. */
@Entity('dead_letters')
// The same dead letter read again from Kafka is no second one.
@Unique('dead_letters_place_key', ['dlqTopic', 'dlqPartition', 'dlqOffset', 'failedAt'])
@Check('dead_letters_status_check', `status IN ('open', 'redriving', 'redriven', 'discarded')`)
@Check('dead_letters_discard_reason_check', `(status = 'discarded') = (discard_reason IS NOT NULL)`)
@Check('dead_letters_decided_check', `status = 'open' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)`)
// The admin's list, newest first, by cursor: (received_at, id), read backwards.
@Index('dead_letters_received_at_idx', ['receivedAt', 'id'])
// What of an order was given up.
@Index('dead_letters_order_id_idx', ['orderId'])
// What is open: listed oldest first, counted. Partial: what was decided costs it nothing.
@Index('dead_letters_open_idx', ['receivedAt', 'id'], { where: `status = 'open'` })
// The sender's query: what is due.
@Index('dead_letters_due_idx', ['nextTryAt'], { where: `status = 'redriving'` })
// The sweeper's query: what was decided long enough ago.
@Index('dead_letters_decided_at_idx', ['decidedAt'], { where: `status IN ('redriven', 'discarded')` })
export class DeadLetter {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'dead_letters_pkey' })
  id: string;

  @Column({ name: 'dlq_topic', type: 'varchar', length: 100 })
  dlqTopic: string;

  @Column({ name: 'dlq_partition', type: 'integer' })
  dlqPartition: number;

  @Column({ name: 'dlq_offset', type: 'bigint' })
  dlqOffset: string;

  /** Kafka's time of it. */
  @Column({ name: 'failed_at', type: 'timestamptz', precision: 3 })
  failedAt: Date;

  @Column({ name: 'listener_group', type: 'varchar', length: 100, nullable: true })
  listenerGroup: string | null;

  /** Where the group had read it, and where it goes again. */
  @Column({ type: 'varchar', length: 100 })
  topic: string;

  @Column({ name: 'topic_partition', type: 'integer', nullable: true })
  topicPartition: number | null;

  @Column({ name: 'topic_offset', type: 'bigint', nullable: true })
  topicOffset: string | null;

  @Column({ name: 'event_id', type: 'uuid', nullable: true })
  eventId: string | null;

  @Column({ name: 'event_type', type: 'varchar', length: 100, nullable: true })
  eventType: string | null;

  @Column({ name: 'order_id', type: 'uuid', nullable: true })
  orderId: string | null;

  /** Key, value and headers are the event's own, byte for byte. */
  @Column({ type: 'bytea', nullable: true })
  key: Buffer | null;

  @Column({ type: 'bytea', nullable: true })
  value: Buffer | null;

  @Column({ type: 'json' })
  headers: StoredHeaders;

  @Column({ type: 'text' })
  error: string;

  @Column({ type: 'text' })
  stack: string;

  @Column({ type: 'varchar', length: 20, default: 'open' })
  status: DeadLetterStatus;

  @Column({ name: 'received_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  receivedAt: Date;

  /** Who redrove or discarded it. */
  @Column({ name: 'decided_by', type: 'uuid', nullable: true })
  decidedBy: string | null;

  @Column({ name: 'decided_at', type: 'timestamptz', precision: 3, nullable: true })
  decidedAt: Date | null;

  @Column({ name: 'discard_reason', type: 'varchar', length: 500, nullable: true })
  discardReason: string | null;

  @Column({ type: 'integer', default: 0 })
  tries: number;

  /** Also the sender's lease: nobody else takes the row before then. */
  @Column({ name: 'next_try_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  nextTryAt: Date;

  @Column({ name: 'last_error', type: 'varchar', length: 500, nullable: true })
  lastError: string | null;

  @Column({ name: 'redriven_at', type: 'timestamptz', precision: 3, nullable: true })
  redrivenAt: Date | null;
}
