import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A webhook as the provider sent it, kept for ever. Its key makes a replay harmless. */
@Entity('provider_events')
// The timeline's query: what was told of a payment. The payment's id lies inside of the payload, an expression only the
// migration can tell.
@Index('provider_events_payment_idx', { synchronize: false })
export class ProviderEvent {
  @PrimaryColumn({ type: 'varchar', length: 30, primaryKeyConstraintName: 'provider_events_pkey' })
  provider: string;

  /** The provider's id of the event. */
  @PrimaryColumn({ name: 'event_id', type: 'varchar', length: 100, primaryKeyConstraintName: 'provider_events_pkey' })
  eventId: string;

  @Column({ type: 'varchar', length: 100 })
  type: string;

  @Column({ type: 'json' })
  payload: object;

  @Column({ name: 'received_at', type: 'timestamptz', precision: 3, default: () => 'shop_now()' })
  receivedAt: Date;

  @Column({ name: 'applied_at', type: 'timestamptz', precision: 3, nullable: true })
  appliedAt: Date | null;
}
