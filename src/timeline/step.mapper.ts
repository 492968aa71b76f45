import { traceIdOf } from '../common/trace-context';
import { rankOf, type OrderStep, type StepSource } from './step.types';

/** What the statements of this room give for a step that is no event. */
export interface StepRow {
  order_id: string;
  id: string;
  at: Date;
  /** When it was over; null where it is not, or has no length. */
  ended_at: Date | null;
  source: StepSource;
  type: string;
  detail: Record<string, unknown>;
  failure: string | null;
  traceparent: string | null;
  revision: string;
}

export function toStep(row: StepRow): OrderStep {
  return {
    orderId: row.order_id,
    id: row.id,
    at: row.at,
    source: row.source,
    type: row.type,
    detail: row.ended_at ? { ...row.detail, endedAt: row.ended_at.toISOString() } : row.detail,
    failure: row.failure,
    traceId: traceIdOf(row.traceparent ?? undefined),
    revision: row.revision,
    rank: rankOf('deed'),
  };
}
