import type { MoneyDto } from '../common/money.dto';
import type { DomainEvent } from '../events/envelope';
import type { OrderEventData, OrderLine } from '../events/order.events';
import type {
  WebhookCancelledOrderDto,
  WebhookFailedPaymentDto,
  WebhookLowStockDto,
  WebhookOrderDto,
  WebhookOrderInShipmentDto,
  WebhookOrderLineDto,
  WebhookRefundedPaymentDto,
  WebhookShippedOrderDto,
  WebhookStockDto,
  WebhookSucceededPaymentDto,
} from './dto/public-event.dto';

/** What integrators may ask to be told of. */
export const WEBHOOK_EVENT_TYPES = [
  'order.created',
  'order.confirmed',
  'order.processing',
  'order.shipped',
  'order.delivered',
  'order.cancelled',
  'payment.succeeded',
  'payment.failed',
  'payment.refunded',
  'inventory.updated',
  'inventory.low_stock',
] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

/** Only sent when staff ask for it, to any endpoint. */
export const TEST_EVENT = 'webhook.test';

/** What goes out: the body of Standard Webhooks. */
export interface PublicEvent {
  type: WebhookEventType | typeof TEST_EVENT;
  timestamp: string;
  data: Readonly<Record<string, unknown>>;
}

const money = ({ amount, currency }: MoneyDto) => ({ amount, currency });

const line = ({ productId, sku, name, quantity, unitPrice }: OrderLine): WebhookOrderLineDto => ({
  productId,
  sku,
  name,
  quantity,
  unitPrice: money(unitPrice),
});

const order = (id: string, { number, userId, paymentId, total, items }: OrderEventData) =>
  ({
    orderId: id,
    number,
    customerId: userId,
    paymentId,
    total: money(total),
    items: items.map(line),
  }) satisfies WebhookOrderDto;

/**
 * An event field by field: what is added to it later stays within the shop until it is named here. Of people there are
 * ids alone; what staff wrote in their own words (a note, a reason of a refund) may name them and stays here too.
 */
function dataOf(event: DomainEvent): PublicEvent['data'] | null {
  const id = event.subject;
  const orderId = event.orderid ?? null;
  switch (event.type) {
    case 'order.created':
    case 'order.confirmed':
      return order(id, event.data);
    case 'order.processing':
    case 'order.delivered':
      return { ...order(id, event.data), shipmentId: event.data.shipmentId } satisfies WebhookOrderInShipmentDto;
    case 'order.shipped': {
      const { shipmentId, carrier, trackingNumber } = event.data;
      return { ...order(id, event.data), shipmentId, carrier, trackingNumber } satisfies WebhookShippedOrderDto;
    }
    case 'order.cancelled': {
      const { reason, previousStatus } = event.data;
      return { ...order(id, event.data), reason, previousStatus } satisfies WebhookCancelledOrderDto;
    }
    case 'payment.succeeded': {
      const { userId: customerId, amount, chargeId } = event.data;
      return {
        paymentId: id,
        orderId,
        customerId,
        amount: money(amount),
        chargeId,
      } satisfies WebhookSucceededPaymentDto;
    }
    case 'payment.failed': {
      const { userId: customerId, amount, failureCode } = event.data;
      return {
        paymentId: id,
        orderId,
        customerId,
        amount: money(amount),
        failureCode,
      } satisfies WebhookFailedPaymentDto;
    }
    case 'payment.refunded': {
      const { userId: customerId, amount, refundId, refunded, refundedTotal } = event.data;
      return {
        paymentId: id,
        orderId,
        customerId,
        amount: money(amount),
        refundId,
        refunded: money(refunded),
        refundedTotal: money(refundedTotal),
      } satisfies WebhookRefundedPaymentDto;
    }
    case 'inventory.updated': {
      const { quantity, reservedQuantity, available, cause } = event.data;
      return { productId: id, quantity, reservedQuantity, available, cause } satisfies WebhookStockDto;
    }
    case 'inventory.low_stock': {
      const { available, threshold } = event.data;
      return { productId: id, available, threshold } satisfies WebhookLowStockDto;
    }
    default:
      return null;
  }
}

export function isWebhookEventType(type: string): type is WebhookEventType {
  return WEBHOOK_EVENT_TYPES.some((known) => known === type);
}

/** An event as integrators see it; null when it is none of theirs. */
export function publicEventOf(event: DomainEvent): PublicEvent | null {
  const { type, time } = event;
  const data = dataOf(event);
  return data !== null && isWebhookEventType(type) ? { type, timestamp: time, data } : null;
}
