// @ts-check
/** Orders as they come to lie, live and archived. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Decimal128 } from 'mongodb';
import { uuidv7, V7Generator } from 'uuidv7';

const DAY = 86_400_000;
/** Delivered orders leave for the archive after 30 days; those stay long enough to be measured. */
const LIVE_FROM_DAYS = 4;
const LIVE_DAYS = 22;
const ARCHIVED_FROM_DAYS = 40;
const ARCHIVED_DAYS = 325;

/** Share of each status, and its version: one change a step. */
const LIVE = /** @type {const} */ ([
  ['delivered', 0.6, 5],
  ['shipped', 0.75, 4],
  ['processing', 0.8, 3],
  ['confirmed', 0.95, 2],
  ['cancelled', 1, 3],
]);
const ids = new V7Generator();
const SHIPPED = new Set(['shipped', 'delivered']);

/**
 * @typedef {{ userId: string, id: string, street: string, city: string, state: string, zipCode: string, country: string }} Home
 * @typedef {{ id: string, sku: string, name: string, price: string }} Product
 */

/** @template T @param {readonly T[]} items @returns {T} */
const any = (items) => /** @type {T} */ (items[Math.floor(Math.random() * items.length)]);
const cents = (/** @type {string} */ amount) => Math.round(Number(amount) * 100);

/** @param {'live' | 'archived'} kind */
function stateOf(kind) {
  const draw = Math.random();
  if (kind === 'archived') return draw < 0.93 ? LIVE[0] : LIVE[4];
  return LIVE.find(([, upTo]) => draw < upTo) ?? LIVE[0];
}

/** @param {string} status @param {number} created */
function shipmentOf(status, created) {
  if (!SHIPPED.has(status) && status !== 'processing') return null;
  const sent = SHIPPED.has(status);
  return {
    id: uuidv7(),
    status: sent ? status : 'preparing',
    carrier: sent ? 'DHL' : null,
    trackingNumber: sent ? randomBytes(8).toString('hex') : null,
    createdAt: new Date(created).toISOString(),
    shippedAt: sent ? new Date(created + DAY / 2).toISOString() : null,
    deliveredAt: status === 'delivered' ? new Date(created + DAY).toISOString() : null,
  };
}

/** @param {Home[]} homes @param {Product[]} products */
export function orderFactory(homes, products) {
  /** @param {'live' | 'archived'} kind @param {string} number */
  return (kind, number) => {
    const { userId, ...address } = any(homes);
    const [status, , version] = stateOf(kind);
    const age =
      kind === 'live' ? LIVE_FROM_DAYS + Math.random() * LIVE_DAYS : ARCHIVED_FROM_DAYS + Math.random() * ARCHIVED_DAYS;
    const created = Date.now() - Math.floor(age * DAY);
    const items = [any(products), any(products)]
      .filter((product, i, all) => all.indexOf(product) === i)
      .map((product) => ({ id: randomUUID(), product, quantity: 1 + Math.floor(Math.random() * 3) }));
    const total = (
      items.reduce((sum, { product, quantity }) => sum + cents(product.price) * quantity, 0) / 100
    ).toFixed(2);
    const isFinal = status === 'delivered' || status === 'cancelled';
    const updatedAt = new Date(status === 'confirmed' ? created + 1000 : created + DAY).toISOString();
    const order = {
      id: randomUUID(),
      number,
      userId,
      address,
      status,
      version,
      cancelReason: status === 'cancelled' ? 'customer' : null,
      items,
      total,
      checkoutId: randomUUID(),
      cartId: randomUUID(),
      // By its day: the provider knows of none of them, and is asked about those of the last days.
      paymentId: ids.generateOrResetCore(created, 10_000).toString(),
      traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
      createdAt: new Date(created).toISOString(),
      updatedAt,
      completedAt: isFinal ? updatedAt : null,
      shipment: shipmentOf(status, created),
    };
    return { ...order, document: () => archived(order) };
  };
}

/** As the archive writes it. @param {any} order */
function archived(order) {
  const money = (/** @type {string} */ amount) => Decimal128.fromString(amount);
  const date = (/** @type {string | null} */ text) => (text === null ? null : new Date(text));
  return {
    order_id: order.id,
    number: order.number,
    user_id: order.userId,
    total_amount: money(order.total),
    subtotal_amount: money(order.total),
    discount_amount: money('0.00'),
    shipping_amount: money('0.00'),
    tax_amount: money('0.00'),
    currency: 'USD',
    status: order.status,
    items: order.items.map((/** @type {{ product: Product, quantity: number }} */ { product, quantity }) => ({
      product_id: product.id,
      sku: product.sku,
      name: product.name,
      quantity,
      price: money(product.price),
    })),
    shipping_address: order.address,
    shipping_method: 'standard',
    checkout_id: order.checkoutId,
    payment_id: order.paymentId,
    cancel_reason: order.cancelReason,
    version: order.version,
    created_at: date(order.createdAt),
    updated_at: date(order.updatedAt),
    completed_at: date(order.completedAt),
    shipment: order.shipment && {
      shipped_at: date(order.shipment.shippedAt),
      delivered_at: date(order.shipment.deliveredAt),
    },
    metadata: {
      payment_method: 'sandbox',
      shipping_carrier: order.shipment?.carrier ?? null,
      tracking_number: order.shipment?.trackingNumber ?? null,
    },
  };
}
