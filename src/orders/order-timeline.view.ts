import type { TimelineEntry } from '../history/timeline.service';
import type { TimelineDto } from './dto/order.dto';

/** What a customer reads of each event; everything else is for staff. */
const SHORT_DETAIL = new Set([
  'number',
  'total',
  'amount',
  'refunded',
  'carrier',
  'trackingNumber',
  'failureCode',
  'reason',
]);

function shorten(detail: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(detail).filter(([name]) => SHORT_DETAIL.has(name)));
}

export function toTimeline(entries: readonly TimelineEntry[], full: boolean): TimelineDto {
  return {
    items: entries.map((entry) => ({
      at: entry.at.toISOString(),
      source: entry.source,
      type: entry.type,
      detail: full ? entry.detail : shorten(entry.detail),
      traceId: entry.traceId,
    })),
  };
}
