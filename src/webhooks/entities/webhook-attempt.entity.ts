import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import type { Outcome } from '../webhooks.types';
import { WebhookDelivery } from './webhook-delivery.entity';

/** A try of a delivery that came to an end, and what the receiver said. */
@Entity('webhook_attempts')
// All tries of one delivery, in order; and what goes with it.
@Index('webhook_attempts_delivery_id_idx', ['deliveryId', 'id'])
export class WebhookAttempt {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'webhook_attempts_pkey',
  })
  id: string;

  @Column({ name: 'delivery_id', type: 'uuid' })
  deliveryId: string;

  @ManyToOne(() => WebhookDelivery, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'delivery_id', foreignKeyConstraintName: 'webhook_attempts_delivery_id_fkey' })
  delivery?: WebhookDelivery;

  @Column({ type: 'varchar', length: 20 })
  outcome: Outcome;

  /** Null when there was no answer. */
  @Column({ type: 'integer', nullable: true })
  status: number | null;

  @Column({ type: 'varchar', length: 500, nullable: true })
  error: string | null;

  /** The beginning of the answer's body. */
  @Column({ type: 'varchar', length: 1000, nullable: true })
  response: string | null;

  @Column({ name: 'duration_ms', type: 'integer' })
  durationMs: number;

  @Column({ name: 'ended_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  endedAt: Date;
}
