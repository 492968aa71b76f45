import { randomUUID } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import { deadLetterOf } from '../messaging/kafka/dead-letter.headers';
import { readDeadLetter, toKafkaHeaders } from './dead-letter.reader';
import { leadsTo } from './dead-letter.state';

const ORDER = randomUUID();
const EVENT = randomUUID();

type Fields = Partial<Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'offset'>>;

function message(fields: Fields): KafkaMessage {
  return { key: null, value: null, headers: {}, timestamp: '1767225600000', attributes: 0, offset: '7', ...fields };
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('a dead letter', () => {
  it('of an event tells which, whose, where, and why', () => {
    const place = { group: 'tradepost-inventory', topic: 'order-events', partition: 2 };
    const value = json({ id: EVENT, type: 'order.confirmed', orderid: ORDER });
    const event = message({ headers: { traceparent: 'trace' }, value, key: Buffer.from('k'), offset: '41' });
    const { headers } = deadLetterOf(event, place, new TypeError('cause'));
    expect(readDeadLetter('order-events.dlq', 1, message({ headers, value, key: Buffer.from('k') }))).toMatchObject({
      dlqTopic: 'order-events.dlq',
      dlqPartition: 1,
      dlqOffset: '7',
      failedAt: new Date('2026-01-01T00:00:00Z'),
      listenerGroup: 'tradepost-inventory',
      topic: 'order-events',
      partition: 2,
      offset: '41',
      eventId: EVENT,
      eventType: 'order.confirmed',
      orderId: ORDER,
      headers: [['traceparent', Buffer.from('trace').toString('base64')]],
      error: 'cause',
      stack: expect.stringContaining('TypeError: cause'),
    });
  });

  it.each<[string, Fields]>([
    ['nothing', {}],
    ['no JSON', { value: Buffer.from([0, 255, 1]) }],
    ['a JSON text', { value: json('text') }],
    ['null', { value: json(null) }],
    ['fields of other types', { value: json({ id: 1, type: { a: 1 }, orderid: 'x' }) }],
    ['numbers that are none', { headers: { 'x-original-partition': '9999999999', 'x-original-offset': '-1' } }],
    ['a type with NUL', { value: json({ type: 'order\0' }) }],
  ])('of %s is read all the same', (_, fields) => {
    expect(readDeadLetter('order-events.dlq', 0, message(fields))).toMatchObject({
      listenerGroup: null,
      topic: 'order-events',
      partition: null,
      offset: null,
      eventId: null,
      eventType: null,
      orderId: null,
      error: 'no cause was given',
    });
  });

  it('of garbage has its order by the key, but not on the stock topic', () => {
    const garbage = message({ key: Buffer.from(ORDER), value: Buffer.from('{') });
    expect(readDeadLetter('payment-events.dlq', 0, garbage).orderId).toBe(ORDER);
    expect(readDeadLetter('inventory-events.dlq', 0, garbage).orderId).toBeNull();
  });

  it('holds no NUL where PostgreSQL would refuse it', () => {
    const letter = readDeadLetter('order-events.dlq', 0, message({ headers: { 'x-error': 'a\0b', 'x-stack': '\0' } }));
    expect(letter).toMatchObject({ error: 'a\uFFFDb', stack: '\uFFFD' });
  });

  it('gives its headers back as they were, bytes and repeated names', () => {
    const bytes = Buffer.from([0, 200, 255]);
    const headers = { one: bytes, two: [Buffer.from('a'), Buffer.from('b')], 'x-redrive-group': 'tradepost-cart' };
    const stored = readDeadLetter('order-events.dlq', 0, message({ headers })).headers;
    expect(toKafkaHeaders(stored)).toEqual({ one: bytes, two: [Buffer.from('a'), Buffer.from('b')] });
  });
});

describe('its states', () => {
  it('count as asked for before when they are on the way', () => {
    expect(leadsTo('redriving', 'redriven')).toBe(true);
    expect(leadsTo('redriving', 'discarded')).toBe(false);
  });
});
