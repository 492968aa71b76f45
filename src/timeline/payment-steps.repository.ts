import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';
import { toStep, type StepRow } from './step.mapper';
import type { OrderStep } from './step.types';

/** A provider that is down for days is asked once a minute: the last calls tell enough. */
const CALLS_SHOWN = 200;

/** Reads payments, their attempts and refunds, the provider's messages, shipments and notes (orders database). */
@Injectable()
export class PaymentStepsRepository {
  /**
   * Calls of the provider by payment_attempts_payment_id_idx, refunds by refunds_cause_key, the provider's messages by
   * provider_events_payment_idx, shipments by shipments_order_id_key. Outcomes that are not named here are failures.
   */
  async of(executor: Executor, orderIds: readonly string[]): Promise<OrderStep[]> {
    const rows = await sql<StepRow>(
      executor,
      `WITH paid AS (
         SELECT id, order_id, traceparent FROM payments WHERE order_id = ANY($1::uuid[])
       )
       SELECT paid.order_id, 'payment-attempt:' || attempt.id AS id, attempt.started_at AS at,
              attempt.finished_at AS ended_at, 'provider' AS source, 'payment.attempt' AS type,
              json_build_object('try', attempt.try, 'kind', attempt.kind, 'outcome', attempt.outcome,
                                'answer', attempt.detail) AS detail,
              CASE WHEN attempt.outcome NOT IN ('started', 'succeeded', 'found', 'voided', 'refunded')
                   THEN concat_ws(': ', attempt.outcome, attempt.detail) END AS failure,
              paid.traceparent, attempt.outcome AS revision
       FROM paid
       CROSS JOIN LATERAL (
         SELECT id, kind, outcome, detail, started_at, finished_at, row_number() OVER (ORDER BY id) AS try
         FROM payment_attempts
         WHERE payment_id = paid.id
         ORDER BY id DESC
         LIMIT $2
       ) AS attempt
       UNION ALL
       SELECT paid.order_id, 'refund:' || refund.id, refund.created_at,
              CASE WHEN refund.status IN ('succeeded', 'failed') THEN refund.updated_at END,
              'payment', 'refund.requested',
              json_build_object('refundId', refund.id, 'amount', refund.amount::text, 'reason', refund.reason,
                                'cause', refund.cause, 'status', refund.status, 'tries', refund.tries),
              CASE WHEN refund.status <> 'succeeded' THEN refund.last_error END,
              paid.traceparent, refund.status || refund.tries
       FROM paid
       JOIN refunds refund ON refund.payment_id = paid.id
       UNION ALL
       SELECT paid.order_id, 'webhook:' || told.provider || ':' || told.event_id, told.received_at, told.applied_at,
              'provider', 'provider.webhook',
              json_build_object('eventId', told.event_id, 'eventType', told.type, 'provider', told.provider),
              NULL, NULL, 'told'
       FROM paid
       JOIN provider_events told ON told.payload -> 'data' -> 'charge' ->> 'idempotencyKey' = paid.id::text
       UNION ALL
       SELECT cancelled.id, 'cancel-note:' || cancelled.id, cancelled.completed_at, NULL, 'order', 'order.cancel_note',
              json_build_object('note', cancelled.cancel_note), NULL, NULL, 'told'
       FROM orders cancelled
       WHERE cancelled.id = ANY($1::uuid[]) AND cancelled.cancel_note IS NOT NULL AND cancelled.completed_at IS NOT NULL
       UNION ALL
       SELECT shipment.order_id, 'shipment:' || shipment.id || ':' || moment.state, moment.at, NULL,
              'shipment', 'shipment.' || moment.state,
              json_build_object('shipmentId', shipment.id, 'status', shipment.status, 'carrier', shipment.carrier,
                                'trackingNumber', shipment.tracking_number),
              NULL, NULL, shipment.status
       FROM shipments shipment
       CROSS JOIN LATERAL (
         VALUES ('prepared', shipment.created_at), ('shipped', shipment.shipped_at), ('delivered', shipment.delivered_at)
       ) AS moment(state, at)
       WHERE shipment.order_id = ANY($1::uuid[]) AND moment.at IS NOT NULL`,
      [orderIds, CALLS_SHOWN],
    );
    return rows.map(toStep);
  }
}
