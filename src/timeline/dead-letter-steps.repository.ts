import { Injectable } from '@nestjs/common';
import { sql, type Executor } from '../database/sql';
import { toStep, type StepRow } from './step.mapper';
import type { OrderStep } from './step.types';

/** Reads what listener groups gave up (orders database). */
@Injectable()
export class DeadLetterStepsRepository {
  /** By dead_letters_order_id_idx. */
  async of(executor: Executor, orderIds: readonly string[]): Promise<OrderStep[]> {
    const rows = await sql<StepRow>(
      executor,
      `SELECT order_id, 'dead-letter:' || id AS id, failed_at AS at, decided_at AS ended_at, 'kafka' AS source,
              'event.dead_letter' AS type,
              json_build_object('deadLetterId', id, 'eventId', event_id, 'eventType', event_type, 'topic', topic,
                                'group', listener_group, 'status', status) AS detail,
              error AS failure, NULL AS traceparent, status AS revision
       FROM dead_letters
       WHERE order_id = ANY($1::uuid[])`,
      [orderIds],
    );
    return rows.map(toStep);
  }
}
