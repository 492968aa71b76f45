import { DEMO_CATEGORY, DEMO_CUSTOMER, DEMO_PRODUCT } from '../../common/demo-data';

const AT = '2026-03-14T09:26:53.589Z';
const id = (last: number): string => `0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2${String(last).padStart(3, '0')}`;

/**
 * What a field of this name may hold: one purchase of a lamp, wherever its fields are met. Whoever sends them to a shop
 * with demo data is understood: the documentation is tried out with them.
 */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  email: DEMO_CUSTOMER.email,
  password: DEMO_CUSTOMER.password,
  name: DEMO_CUSTOMER.name,
  phone: '+1 217 555 0100',
  ...DEMO_CUSTOMER.address,
  isDefault: true,
  accessToken: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl',
  refreshToken: 'rN8mP0b1p3R7ZV5xYw2u4QkTg6sJ9eHc',
  expiresIn: 900,
  id: id(1),
  productId: DEMO_PRODUCT.id,
  categoryId: DEMO_CATEGORY.id,
  parentId: DEMO_CATEGORY.id,
  shippingAddressId: DEMO_CUSTOMER.addressId,
  checkoutId: id(5),
  orderId: id(6),
  userId: id(7),
  actorId: id(7),
  createdBy: id(7),
  decidedBy: id(7),
  subjectId: DEMO_PRODUCT.id,
  requestId: id(8),
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  eventId: id(9),
  messageId: id(9),
  key: 'tpk_3q2-7w9rK1sT0xYvQm5uPzL8nE4cJhFbD6gRaWiVoUk',
  hint: 'tpk_3q2-7w',
  permissions: ['inventory:read', 'inventory:write'],
  sku: DEMO_PRODUCT.sku,
  slug: DEMO_PRODUCT.slug,
  description: DEMO_PRODUCT.description,
  imageUrl: DEMO_PRODUCT.imageUrl,
  url: '/images/lamp-640.webp',
  alt: 'A lamp on a table',
  quantity: 2,
  expectedQuantity: 5,
  reservedQuantity: 1,
  available: 4,
  amount: DEMO_PRODUCT.amount,
  minPrice: '10.00',
  maxPrice: '100.00',
  number: 'TP-2026-000042',
  shippingMethod: 'standard',
  token: 'tok_ok',
  code: '123456',
  challengeToken: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl',
  secret: 'JBSWY3DPEHPK3PXP',
  otpauthUri: 'otpauth://totp/Tradepost:ada%40example.com?secret=JBSWY3DPEHPK3PXP',
  recoveryCodes: ['7kq2-m9xd-4hwp'],
  userAgent: 'Mozilla/5.0',
  listensFrom: AT,
  lastUsedAt: AT,
  eventTypes: ['order.confirmed', 'order.shipped'],
  carrier: 'UPS',
  trackingNumber: '1Z999AA10123456784',
  reason: 'Changed my mind',
  createdAt: AT,
  updatedAt: AT,
  changedAt: AT,
  expiresAt: AT,
  startedAt: AT,
  checkedAt: AT,
  shippedAt: AT,
  failedAt: AT,
  receivedAt: AT,
  at: AT,
  limit: 20,
  page: 1,
  pageSize: 20,
  total: 1,
  version: 3,
  width: 640,
  height: 480,
  position: 1,
  line: 7,
  roles: ['customer'],
  columns: ['sku', 'name', 'price'],
  ids: [id(2)],
  attributes: { model: 'Porch Portable Lamp', variant: 'Matt Black' },
  group: 'payments',
  topic: 'order-events',
  eventType: 'order.placed',
  type: 'order.placed',
  source: 'order',
  action: 'product.edited',
};

/** A name is a person's, unless what bears it is a thing. */
const NAMES: readonly (readonly [RegExp, Readonly<Record<string, unknown>>])[] = [
  [/Categor|Crumb/, { name: DEMO_CATEGORY.name, slug: DEMO_CATEGORY.slug }],
  [/Product|Item|Line|Suggestion/, { name: DEMO_PRODUCT.name }],
  [/ApiKey/, { name: 'Warehouse' }],
  [/Webhook/, { url: 'https://example.com/tradepost', description: 'Our warehouse' }],
];

export function exampleOfField(schema: string, field: string): unknown {
  return NAMES.find(([bearers, fields]) => bearers.test(schema) && field in fields)?.[1][field] ?? EXAMPLES[field];
}

/** Bodies of requests that are more than their fields: what must be new, or is better left out. */
export const BODIES: Readonly<Record<string, unknown>> = {
  RegisterDto: { email: 'grace@example.com', password: 'wrong donkey capacitor', name: 'Grace Example' },
  // With `expectedTotal` another cart than this one is refused.
  PlaceOrderDto: { checkoutId: EXAMPLES['checkoutId'], payment: { provider: 'sandbox', token: 'tok_ok' } },
  NewProductDto: {
    sku: 'LAN-001',
    name: 'Camping lantern',
    description: 'Bright, light, and dry in the rain.',
    price: { amount: '19.99', currency: 'USD' },
    categoryId: DEMO_CATEGORY.id,
    imageUrl: DEMO_PRODUCT.imageUrl,
  },
  EditProductDto: { description: DEMO_PRODUCT.description, price: { amount: DEMO_PRODUCT.amount, currency: 'USD' } },
  NewCategoryDto: { name: 'Lanterns', parentId: null },
  EditCategoryDto: { name: DEMO_CATEGORY.name },
  NewApiKeyDto: { name: 'Warehouse', permissions: ['inventory:read', 'inventory:write'] },
  ReplayFailedDto: { since: AT },
};
