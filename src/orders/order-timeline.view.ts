import type { TimelineEntry } from '../history/timeline.service';
import type { TimelineDto } from './dto/order.dto';

/** What a customer reads of each event; everything else is for staff. */
const SHORT_DETAIL = new Set(['number', 'total', 'amount', 'refunded', 'carrier', 'trackingNumber', 'failureCode']);

/** The reason of a cancellation is one of ours; that of a refund was written by staff for staff. */
function shorten({ type, detail }: TimelineEntry): Record<string, unknown> {
  const shown = (name: string): boolean => SHORT_DETAIL.has(name) || (name === 'reason' && type === 'order.cancelled');
  return Object.fromEntries(Object.entries(detail).filter(([name]) => shown(name)));
}

export function toTimeline(entries: readonly TimelineEntry[], full: boolean): TimelineDto {
  return {
    items: entries.map((entry) => ({
      at: entry.at.toISOString(),
      source: entry.source,
      type: entry.type,
      detail: full ? entry.detail : shorten(entry),
      traceId: entry.traceId,
    })),
  };
}
