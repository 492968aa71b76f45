import type { Totals } from '../common/totals.dto';
import type { CancelReason } from '../events/order.events';
import type { OrderStatus } from './order.state';

export interface ShippingAddress {
  id: string;
  street: string;
  city: string;
  state: string;
  zipCode: string;
  country: string;
}

export interface OrderItemRecord {
  productId: string;
  sku: string;
  name: string;
  quantity: number;
  /** Price at purchase, in minor units. */
  unitPrice: number;
}

/** What an order says wherever it is kept: orders database or archive. */
export interface OrderRecord {
  id: string;
  number: string;
  userId: string;
  status: OrderStatus;
  totals: Totals;
  shippingAddress: ShippingAddress;
  shippingMethod: string;
  checkoutId: string;
  cancelReason: CancelReason | null;
  /** For staff, in their own words. */
  cancelNote: string | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  completedAt: Date | null;
  items: OrderItemRecord[];
  payment: { id: string; status: string; provider: string; refunded: number };
  shipment: {
    carrier: string | null;
    trackingNumber: string | null;
    shippedAt: Date | null;
    deliveredAt: Date | null;
  } | null;
}

/** A line of a list of orders. */
export interface OrderSummary {
  id: string;
  number: string;
  userId: string;
  status: OrderStatus;
  paymentId: string;
  paymentStatus: string;
  total: number;
  currency: string;
  itemCount: number;
  createdAt: Date;
}
