import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { EVENTS, isEventType, type EventType } from './catalogue';
import { PoisonEventError, readEvent, validateEventData } from './event.reader';

const ID = '0190a0a0-0000-7000-8000-000000000000';
const MONEY = { amount: '19.99', currency: 'USD' };
const LINE = { productId: ID, sku: 'SKU-1', name: 'Thing', quantity: 2, unitPrice: MONEY };
const CREATED = {
  number: 'TP-1',
  userId: ID,
  checkoutId: ID,
  paymentId: ID,
  total: MONEY,
  items: [LINE],
  cartId: ID,
  cartVersion: 1,
};

const EVENT = {
  specversion: '1.0',
  id: ID,
  type: 'order.created',
  source: 'https://shop.example/orders',
  subject: ID,
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  dataschema: 'https://shop.example/schemas/order.created/v1',
  sequence: '00000000000000000001',
  data: CREATED,
};

/** What the class itself says, field by field. */
const byItsClass = (type: EventType, data: object): boolean =>
  validateSync(plainToInstance<object, object>(EVENTS[type].payload, data)).length === 0;

describe('an event', () => {
  it('is read, with fields a newer producer added', () => {
    expect(readEvent({ ...EVENT, data: { ...CREATED, gift: true } })).toMatchObject({ type: 'order.created' });
  });

  it('of an unknown type is let pass', () => expect(readEvent({ ...EVENT, type: 'order.praised' })).toBeNull());

  it.each([
    ['no object', 'text'],
    ['without an id', { ...EVENT, id: undefined }],
    ['of another major version', { ...EVENT, dataschema: 'https://shop.example/schemas/order.created/v2' }],
    ['without its data', { ...EVENT, data: undefined }],
  ])('%s is poison', (_what, message) => expect(() => readEvent(message)).toThrow(PoisonEventError));

  it.each([
    ['a broken id', 'order.created', { ...CREATED, userId: 'me' }, 'data.userId: must match format "uuid"'],
    [
      'nothing of a line',
      'order.created',
      { ...CREATED, items: [{ ...LINE, quantity: 0 }] },
      'data.items.0.quantity: ',
    ],
    ['lines that are none', 'order.created', { ...CREATED, items: {} }, 'data.items: must be array'],
    ['odd money', 'order.created', { ...CREATED, total: { ...MONEY, amount: '1.999' } }, 'data.total.amount: '],
    ['no cart', 'order.created', { ...CREATED, cartId: undefined }, 'data.cartId: is missing'],
    ['an unknown cause', 'inventory.released', { cause: 'mood', items: [] }, 'data.cause: '],
    ['less than nothing', 'inventory.low_stock', { available: -1, threshold: 5 }, 'data.available: '],
  ] as const)('with %s is refused, as its class would', (_what, type, data, reason) => {
    expect(() => validateEventData(type, data)).toThrow(reason);
    expect(byItsClass(type, data)).toBe(false);
  });

  it('has a check for each type', () => {
    const types = Object.keys(EVENTS).filter(isEventType);
    expect(types).toHaveLength(Object.keys(EVENTS).length);
    for (const type of types) expect(() => validateEventData(type, {})).toThrow(PoisonEventError);
  });
});
