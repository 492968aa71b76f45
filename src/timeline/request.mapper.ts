import { rankOf, type RecordedEvent, type Step } from './step.types';

/** The request that must have been there for an event that no other event caused; null when a job did it. */
function routeOf({ type, detail }: RecordedEvent): string | null {
  switch (type) {
    case 'inventory.reserved':
      return 'POST /v1/checkouts';
    case 'inventory.released':
      // Given back by hand, or for the customer's next checkout; all other causes are events and jobs.
      return detail['cause'] === 'released' ? 'DELETE /v1/checkouts/{id} or POST /v1/checkouts' : null;
    case 'order.created':
    case 'payment.initiated':
      return 'POST /v1/orders';
    case 'order.shipped':
      return 'POST /v1/admin/orders/{id}/ship';
    case 'order.delivered':
      return 'POST /v1/admin/orders/{id}/deliver';
    case 'order.cancelled':
      if (detail['reason'] === 'customer') return 'POST /v1/orders/{id}/cancel';
      if (detail['reason'] === 'staff') return 'POST /v1/admin/orders/{id}/cancel';
      return 'POST /v1/webhooks/payments/{provider}';
    case 'payment.succeeded':
    case 'payment.failed':
    case 'order.confirmed':
      return 'POST /v1/webhooks/payments/{provider}';
    default:
      return null;
  }
}

/** The ids that name a cause within the shop: events, and the payment whose charge a worker made. */
function causesWithin(events: readonly RecordedEvent[]): Set<string> {
  return new Set(events.flatMap(({ id, subject, detail }) => [id, subject, String(detail['paymentId'])]));
}

/** The requests that led to these events, each once, at the time of the first thing it did. */
export function requestSteps(events: readonly RecordedEvent[]): Step[] {
  const within = causesWithin(events);
  const requests = new Map<string, Step>();
  for (const event of events) {
    const requestId = event.causedBy;
    const route = routeOf(event);
    if (requestId === null || route === null || within.has(requestId)) continue;
    const known = requests.get(requestId);
    if (known && known.at <= event.at) continue;
    requests.set(requestId, {
      id: `request:${requestId}`,
      at: event.at,
      source: 'http',
      type: 'http.request',
      detail: { requestId, route },
      failure: null,
      traceId: event.traceId,
      revision: 'done',
      rank: rankOf('request'),
    });
  }
  return [...requests.values()];
}
