import type { ClassConstructor } from 'class-transformer';
import { InventoryLowStock, InventoryReleased, InventoryReserved, InventoryUpdated } from './inventory.events';
import { OrderConfirmationEmail, OrderStatusSms, ShippingUpdateEmail } from './notification.events';
import {
  OrderCancelled,
  OrderConfirmed,
  OrderCreated,
  OrderDelivered,
  OrderProcessing,
  OrderShipped,
} from './order.events';
import { PaymentFailed, PaymentInitiated, PaymentRefunded, PaymentSucceeded } from './payment.events';
import { TOPICS, type Topic } from './topics';

/** Which id is the Kafka key: events with one key keep their order. */
export type KeyRule = 'order' | 'subject';

interface EventDefinition<T extends object> {
  topic: Topic;
  key: KeyRule;
  /** Major version of the payload: within one, only additions. */
  version: number;
  payload: ClassConstructor<T>;
}

function define<T extends object>(topic: Topic, key: KeyRule, payload: ClassConstructor<T>): EventDefinition<T> {
  return { topic, key, version: 1, payload };
}

/** Every event type of the seed, and `order.processing`. */
export const EVENTS = {
  'order.created': define(TOPICS.orders, 'order', OrderCreated),
  'order.confirmed': define(TOPICS.orders, 'order', OrderConfirmed),
  'order.processing': define(TOPICS.orders, 'order', OrderProcessing),
  'order.shipped': define(TOPICS.orders, 'order', OrderShipped),
  'order.delivered': define(TOPICS.orders, 'order', OrderDelivered),
  'order.cancelled': define(TOPICS.orders, 'order', OrderCancelled),
  'payment.initiated': define(TOPICS.payments, 'order', PaymentInitiated),
  'payment.succeeded': define(TOPICS.payments, 'order', PaymentSucceeded),
  'payment.failed': define(TOPICS.payments, 'order', PaymentFailed),
  'payment.refunded': define(TOPICS.payments, 'order', PaymentRefunded),
  'inventory.reserved': define(TOPICS.inventory, 'subject', InventoryReserved),
  'inventory.released': define(TOPICS.inventory, 'subject', InventoryReleased),
  'inventory.updated': define(TOPICS.inventory, 'subject', InventoryUpdated),
  'inventory.low_stock': define(TOPICS.inventory, 'subject', InventoryLowStock),
  'email.order_confirmation': define(TOPICS.notifications, 'order', OrderConfirmationEmail),
  'email.shipping_update': define(TOPICS.notifications, 'order', ShippingUpdateEmail),
  'sms.order_status': define(TOPICS.notifications, 'order', OrderStatusSms),
} as const;

export type EventType = keyof typeof EVENTS;
export type EventData<T extends EventType> = InstanceType<(typeof EVENTS)[T]['payload']>;

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENTS, type);
}
