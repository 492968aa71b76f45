import { toMinorUnits } from '../common/money';
import type { ArchivedOrder } from '../history/archive.service';
import { CANCEL_REASONS } from '../events/order.events';
import type { OrderRecord, OrderSummary } from './order.record';
import { ORDER_STATUSES, type OrderStatus } from './order.state';

interface PaymentState {
  status: string;
  provider: string;
  refunded: number;
}

function statusOf(document: ArchivedOrder): OrderStatus {
  return ORDER_STATUSES.find((status) => status === document.status) ?? 'delivered';
}

/** Finished orders have a payment; one that is missing would be a breach, and reads as never charged. */
const NO_PAYMENT: PaymentState = { status: 'failed', provider: 'sandbox', refunded: 0 };

/** An archived document as the order it was. */
export function fromArchive(document: ArchivedOrder, payment: PaymentState = NO_PAYMENT): OrderRecord {
  const money = (amount: { toString(): string }): number => toMinorUnits(amount.toString());
  return {
    id: document.order_id,
    number: document.number,
    userId: document.user_id,
    status: statusOf(document),
    totals: {
      subtotal: money(document.subtotal_amount),
      discount: money(document.discount_amount),
      shipping: money(document.shipping_amount),
      tax: money(document.tax_amount),
      total: money(document.total_amount),
      currency: document.currency,
    },
    shippingAddress: document.shipping_address,
    shippingMethod: document.shipping_method,
    checkoutId: document.checkout_id,
    cancelReason: CANCEL_REASONS.find((reason) => reason === document.cancel_reason) ?? null,
    cancelNote: document.cancel_note ?? null,
    version: document.version,
    createdAt: document.created_at,
    updatedAt: document.updated_at,
    completedAt: document.completed_at,
    items: document.items.map((item) => ({
      productId: item.product_id,
      sku: item.sku,
      name: item.name,
      quantity: item.quantity,
      unitPrice: money(item.price),
    })),
    payment: { id: document.payment_id, ...payment },
    shipment: document.shipment
      ? {
          carrier: document.metadata.shipping_carrier,
          trackingNumber: document.metadata.tracking_number,
          shippedAt: document.shipment.shipped_at,
          deliveredAt: document.shipment.delivered_at,
        }
      : null,
  };
}

export function summaryFromArchive(document: ArchivedOrder, payment: PaymentState = NO_PAYMENT): OrderSummary {
  return {
    id: document.order_id,
    number: document.number,
    userId: document.user_id,
    status: statusOf(document),
    paymentId: document.payment_id,
    paymentStatus: payment.status,
    total: toMinorUnits(document.total_amount.toString()),
    currency: document.currency,
    itemCount: document.items.reduce((sum, item) => sum + item.quantity, 0),
    createdAt: document.created_at,
  };
}
