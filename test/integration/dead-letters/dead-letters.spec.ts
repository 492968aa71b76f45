import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { uuidv7 } from 'uuidv7';
import { TOPICS } from '../../../src/events/topics';
import { eventually } from '../../support/eventually';
import { metric } from '../../support/metrics';
import { Shop, type CheckoutBody, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

interface Letter {
  id: string;
  status: string;
  group: string;
  topic: string;
  eventId: string | null;
  eventType: string | null;
  orderId: string;
  error: string;
  decidedBy: string | null;
  discardReason: string | null;
  redrivenAt: string | null;
}

interface WholeLetter extends Letter {
  key: string;
  value: string | null;
  valueBase64: string;
  headers: { name: string; value: string }[];
  stack: string;
}

interface LetterPage {
  items: Letter[];
  page: { nextCursor: string | null };
}

const PATH = '/v1/admin/dead-letters';

/** What a listener group cannot act upon comes before an admin, and the shop goes on meanwhile. */
describe('dead letters', () => {
  const shop = new Shop();
  const stores = new Stores();
  const kafka = new Kafka({ clientId: 'dead-letters', brokers: shop.stack.kafka, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  let admin: Visitor;

  beforeAll(async () => {
    admin = await shop.admin();
    await producer.connect();
  });
  afterAll(async () => {
    await producer.disconnect();
    stores.close();
  });

  const ofOrder = async (orderId: string, query = ''): Promise<Letter[]> => {
    const { items } = await admin.get<LetterPage>(`${PATH}?limit=100&topic=${TOPICS.orders}${query}`);
    return items.filter((letter) => letter.orderId === orderId);
  };
  const givenUp = (orderId: string, groups: number) =>
    eventually(
      `${groups} groups to give it up`,
      async () => {
        const letters = await ofOrder(orderId);
        return letters.length >= groups && letters;
      },
      20_000,
    );
  const send = (key: string, value: Buffer | string) =>
    producer.send({ topic: TOPICS.orders, messages: [{ key, value, headers: { note: 'as it was' } }] });
  const toBe = (id: string, status: string) =>
    eventually(`dead letter to be ${status}`, async () => {
      const letter = await admin.get<WholeLetter>(`${PATH}/${id}`);
      return letter.status === status && letter;
    });
  const stockOf = (productId: string) =>
    stores.row<{ quantity: number; reserved_quantity: number }>(
      'products',
      'SELECT quantity, reserved_quantity FROM inventory WHERE product_id = $1',
      [productId],
    );

  it.each<[string, (orderId: string) => Buffer, RegExp, string | null]>([
    ['bytes that are no JSON', () => Buffer.from([0x7b, 0x00, 0xff]), /not a JSON object/, null],
    ['as much as the topic takes', () => Buffer.alloc(1_048_000, 'x'), /not a JSON object/, null],
    [
      'an event that breaks its schema',
      (orderId) =>
        Buffer.from(
          JSON.stringify({
            specversion: '1.0',
            id: uuidv7(),
            type: 'order.confirmed',
            source: 'test',
            subject: orderId,
            time: new Date().toISOString(),
            dataschema: 'https://shop.example/schemas/order.confirmed/v1',
            sequence: '00000000000000000001',
            orderid: orderId,
            data: {},
          }),
        ),
      /order\.confirmed: data\./,
      'order.confirmed',
    ],
  ])(
    '%s: listed with cause and stack by every group, and the events behind flow',
    async (_, make, cause, type) => {
      const product = await shop.product(5);
      const customer = await shop.customer();
      const orderId = randomUUID();
      const poison = make(orderId);
      await send(orderId, poison);
      const { id } = await customer.buy(product.id);
      await customer.orderInStatus(id, 'processing');

      const letters = await givenUp(orderId, 6);
      expect(new Set(letters.map(({ group }) => group)).size).toBe(letters.length);
      for (const letter of letters) {
        expect(letter).toMatchObject({ status: 'open', topic: TOPICS.orders, eventType: type });
        expect(letter.error).toMatch(cause);
      }
      const [first] = letters;
      const whole = await admin.get<WholeLetter>(`${PATH}/${first?.id}`);
      expect(whole).toMatchObject({ key: orderId, valueBase64: poison.toString('base64') });
      const text = poison.toString();
      expect(whole.value).toBe(Buffer.from(text).equals(poison) ? text : null);
      expect(whole.headers).toContainEqual({ name: 'note', value: 'as it was' });
      expect(whole.stack).toMatch(/PoisonEventError.*\n\s+at /);
      const inGroup = await ofOrder(orderId, `&group=${first?.group}&status=open`);
      expect(inGroup.map((letter) => letter.id)).toEqual([first?.id]);
      await eventually('them to be counted', async () => {
        const open = await metric(shop.stack.apiUrls.slice(0, 1), `dead_letters_open{topic="${TOPICS.orders}"}`);
        return (open ?? 0) >= letters.length;
      });
    },
    60_000,
  );

  /** An order that is paid, whose stock could not be committed because the row said that nothing is reserved. */
  async function uncommitted(): Promise<{ productId: string; orderId: string; letter: Letter }> {
    const product = await shop.product(5);
    const customer = await shop.customer();
    await customer.addToCart(product.id, 2);
    const checkout: CheckoutBody = await customer.checkout(await customer.address());
    await stores.rows('products', 'UPDATE inventory SET reserved_quantity = 0 WHERE product_id = $1', [product.id]);
    const { id: orderId } = await customer.order(checkout.id);
    const [letter] = await givenUp(orderId, 1);
    if (!letter) throw new Error('no letter');
    return { productId: product.id, orderId, letter };
  }

  it('redriven after the row was repaired: the effect happens once, in that group alone', async () => {
    const { productId, orderId, letter } = await uncommitted();
    expect(letter).toMatchObject({ group: 'tradepost-inventory', eventType: 'order.confirmed', status: 'open' });
    expect(letter.error).toContain('inventory_never_oversold_check');
    await stores.rows('products', 'UPDATE inventory SET reserved_quantity = 2 WHERE product_id = $1', [productId]);
    const skips = `events_handled_total{group="tradepost-shipping",topic="${TOPICS.orders}",outcome="skipped"}`;
    const skipped = (await metric(shop.stack.apiUrls, skips)) ?? 0;

    const asked = await admin.send<Letter>('POST', `${PATH}/${letter.id}/redrive`);
    expect(asked).toMatchObject({ status: 202, body: { id: letter.id, decidedBy: admin.userId } });
    await toBe(letter.id, 'redriven');
    await eventually('the stock to be committed', async () => {
      const stock = await stockOf(productId);
      return stock.quantity === 3 && stock.reserved_quantity === 0;
    });
    await eventually(
      'the others to let it pass',
      async () => ((await metric(shop.stack.apiUrls, skips)) ?? 0) === skipped + 1,
    );

    const again = await admin.send<Letter>('POST', `${PATH}/${letter.id}/redrive`);
    expect(again).toMatchObject({ status: 202, body: { status: 'redriven' } });
    const discarded = await admin.send('POST', `${PATH}/${letter.id}/discard`, { reason: 'late' });
    expect(discarded).toMatchObject({ status: 409, body: { code: 'dead_letter.cannot_be_discarded' } });
    expect(await ofOrder(orderId)).toHaveLength(1);
    const sent = await stores.row('orders', 'SELECT tries FROM dead_letters WHERE id = $1', [letter.id]);
    expect(sent).toEqual({ tries: 1 });
    expect(await stockOf(productId)).toEqual({ quantity: 3, reserved_quantity: 0 });
  }, 60_000);

  it('redriven too early: it is a dead letter anew', async () => {
    const { productId, orderId, letter } = await uncommitted();
    await admin.post(`${PATH}/${letter.id}/redrive`);
    const letters = await givenUp(orderId, 2);
    expect(letters.map(({ status }) => status)).toEqual(['open', 'redriven']);
    expect(letters[0]).toMatchObject({ eventId: letter.eventId, group: letter.group, error: letter.error });
    await stores.rows('products', 'UPDATE inventory SET reserved_quantity = 2 WHERE product_id = $1', [productId]);
    await admin.post(`${PATH}/${letters[0]?.id}/redrive`);
    await eventually('the stock to be committed', async () => (await stockOf(productId)).quantity === 3);
  }, 60_000);

  it('discarded with a reason: it stays so', async () => {
    const orderId = randomUUID();
    await send(orderId, 'garbage');
    const [{ id } = { id: '' }] = await givenUp(orderId, 1);
    const unreasoned = await admin.send('POST', `${PATH}/${id}/discard`, {});
    expect(unreasoned).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    const key = { 'idempotency-key': randomUUID() };
    const first = await admin.send<Letter>('POST', `${PATH}/${id}/discard`, { reason: 'a test' }, key);
    expect(first.body).toMatchObject({ status: 'discarded', discardReason: 'a test', decidedBy: admin.userId });
    const replayed = await admin.send<Letter>('POST', `${PATH}/${id}/discard`, { reason: 'a test' }, key);
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    const other = await admin.send<Letter>('POST', `${PATH}/${id}/discard`, { reason: 'another' });
    expect(other).toMatchObject({ status: 200, body: { discardReason: 'a test' } });
    const redriven = await admin.send('POST', `${PATH}/${id}/redrive`);
    expect(redriven).toMatchObject({ status: 409, body: { code: 'dead_letter.cannot_be_redriving' } });
  }, 60_000);

  it('pages by cursor, and knows what it does not have', async () => {
    const one = await admin.get<LetterPage>(`${PATH}?limit=1`);
    const two = await admin.get<LetterPage>(`${PATH}?limit=1&cursor=${one.page.nextCursor}`);
    const both = await admin.get<LetterPage>(`${PATH}?limit=2`);
    expect([...one.items, ...two.items]).toEqual(both.items);
    expect((await admin.send('GET', `${PATH}/${randomUUID()}`)).status).toBe(404);
    expect((await admin.send('POST', `${PATH}/${randomUUID()}/redrive`)).status).toBe(404);
    expect((await admin.send('GET', `${PATH}?status=gone`)).status).toBe(400);
  });

  it('are read by support, decided about by admins, and hidden from customers', async () => {
    const customer = await shop.customer();
    const { items } = await admin.get<LetterPage>(`${PATH}?limit=1`);
    const id = items[0]?.id;
    const statuses = async () => [
      (await customer.send('GET', PATH)).status,
      (await customer.send('GET', `${PATH}/${id}`)).status,
      (await customer.send('POST', `${PATH}/${id}/redrive`)).status,
      (await customer.send('POST', `${PATH}/${id}/discard`, { reason: 'x' })).status,
    ];
    expect(await statuses()).toEqual([403, 403, 403, 403]);
    await stores.rows('users', `UPDATE users SET roles = '{customer,support}' WHERE id = $1`, [customer.userId]);
    await eventually('the new role', async () => (await customer.send('GET', PATH)).status === 200);
    expect(await statuses()).toEqual([200, 200, 403, 403]);
  });
});
