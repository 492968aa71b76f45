import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import type { DeliveryStatus } from '../webhooks.types';
import { WebhookEndpoint } from './webhook-endpoint.entity';

/** One event for one endpoint. */
@Entity('webhook_deliveries')
// An event that comes twice is sent to an endpoint once.
@Unique('webhook_deliveries_event_key', ['endpointId', 'eventId'])
@Check('webhook_deliveries_status_check', `status IN ('pending', 'delivered', 'failed')`)
// The worker's query: what of an endpoint is due, the longest first. Partial: what is over costs it nothing.
@Index('webhook_deliveries_due_idx', ['endpointId', 'nextTryAt'], { where: `status = 'pending'` })
// The admin's list of one endpoint, newest first, by cursor.
@Index('webhook_deliveries_endpoint_idx', ['endpointId', 'createdAt', 'id'])
// What an endpoint missed since a time, to be sent again.
@Index('webhook_deliveries_failed_idx', ['endpointId', 'createdAt'], { where: `status = 'failed'` })
// The sweeper's query: the oldest.
@Index('webhook_deliveries_created_at_idx', ['createdAt'])
export class WebhookDelivery {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'webhook_deliveries_pkey' })
  id: string;

  @Column({ name: 'endpoint_id', type: 'uuid' })
  endpointId: string;

  @ManyToOne(() => WebhookEndpoint, { nullable: false })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'webhook_deliveries_endpoint_id_fkey' })
  endpoint?: WebhookEndpoint;

  /** Also the `webhook-id` of each try. */
  @Column({ name: 'event_id', type: 'uuid' })
  eventId: string;

  @Column({ name: 'event_type', type: 'varchar', length: 50 })
  eventType: string;

  /** The body, as it is sent: `json` keeps it byte for byte. */
  @Column({ type: 'json' })
  payload: object;

  @Column({ type: 'varchar', length: 20, default: 'pending' })
  status: DeliveryStatus;

  /** Begun since it was asked for, the last time. */
  @Column({ type: 'integer', default: 0 })
  tries: number;

  @Column({ name: 'next_try_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  nextTryAt: Date;

  /** A worker is at it; when it dies, others go on then. */
  @Column({ name: 'leased_until', type: 'timestamptz', precision: 3, nullable: true })
  leasedUntil: Date | null;

  @Column({ name: 'last_status', type: 'integer', nullable: true })
  lastStatus: number | null;

  @Column({ name: 'last_error', type: 'varchar', length: 500, nullable: true })
  lastError: string | null;

  @Column({ name: 'last_duration_ms', type: 'integer', nullable: true })
  lastDurationMs: number | null;

  @Column({ name: 'delivered_at', type: 'timestamptz', precision: 3, nullable: true })
  deliveredAt: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  createdAt: Date;
}
