import { existsSync, readFileSync } from 'node:fs';
import { eventually } from '../support/eventually';
import { EventStream, type TimelineItem } from '../support/event-stream';
import { bringBack } from '../support/outage';
import { OwnServer } from '../support/own-server';
import { Shop, Visitor } from '../support/shop';
import { stackCommand, Stores } from '../support/stores';

/** The server's workers, the one for HTTP first. */
function workersOf({ process: { pid } }: OwnServer): (number | undefined)[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

const keysOf = (stream: EventStream): string[] => stream.steps.map(({ item }) => `${item.id} ${item.type}`);

/** An order, watched while it happens, by way of Nginx. */
describe('the stream of an order', () => {
  const shop = new Shop();
  const opened: EventStream[] = [];
  let customer: Visitor;
  let admin: Visitor;
  let productId: string;

  async function follow(visitor: Visitor, orderId: string, lastEventId?: string): Promise<EventStream> {
    const stream = await EventStream.open(visitor, orderId, lastEventId);
    opened.push(stream);
    return stream;
  }

  const timelineOf = async (visitor: Visitor, orderId: string): Promise<TimelineItem[]> =>
    (await visitor.get<{ items: TimelineItem[] }>(`/v1/orders/${orderId}/timeline`)).items;

  beforeAll(async () => {
    customer = await shop.customer();
    admin = await shop.admin();
    productId = (await shop.product(50)).id;
  });

  afterEach(() => {
    for (const stream of opened.splice(0)) stream.close();
  });

  it('tells of each step within two seconds, with the headers of every answer', async () => {
    const { id } = await customer.buy(productId);
    const stream = await follow(customer, id);
    expect(stream.response.status).toBe(200);
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.response.headers.get('x-request-id')).toBeTruthy();
    const { item, cameAt } = await stream.step('order.confirmed');
    expect(cameAt - new Date(item.at).getTime()).toBeLessThan(2_000);
    await stream.step('email.order_confirmation');
    const timeline = await timelineOf(customer, id);
    expect(stream.steps.map((step) => step.item)).toEqual(expect.arrayContaining(timeline.slice(0, 6)));
    expect(stream.types[0]).toBe('inventory.reserved');
    expect(new Set(keysOf(stream)).size).toBe(stream.steps.length);
  });

  it('goes on after Last-Event-ID on any server, nothing lost and nothing twice', async () => {
    const { id } = await customer.buy(productId, 1, 'tok_slow');
    const seen: string[] = [];
    let lastEventId: string | undefined;
    for (let server = 0; server < 4; server += 1) {
      const there = new Visitor(shop.stack.apiUrls[server % 2] ?? '', customer.token);
      const stream = await follow(there, id, lastEventId);
      if (server === 3) await stream.step('email.order_confirmation');
      else await eventually('a step', () => Promise.resolve(stream.steps.length > 0 || server > 0));
      stream.close();
      seen.push(...keysOf(stream));
      lastEventId = stream.lastEventId ?? lastEventId;
    }
    const rest = await follow(customer, id, lastEventId);
    const wanted = (await timelineOf(customer, id)).map((item) => `${item.id} ${item.type}`);
    await eventually('all of the timeline', () =>
      Promise.resolve(wanted.every((key) => [...seen, ...keysOf(rest)].includes(key))),
    );
    const all = [...seen, ...keysOf(rest)];
    expect(new Set(all).size).toBe(all.length);
  });

  it('ends once a cancelled order has its money back, and does not begin again', async () => {
    const { id } = await customer.buy(productId);
    await customer.orderInStatus(id, 'processing');
    const stream = await follow(customer, id);
    await customer.post(`/v1/orders/${id}/cancel`);
    await stream.end(30_000);
    expect(stream.types).toEqual(expect.arrayContaining(['order.cancelled', 'payment.refunded', 'sms.order_status']));
    const again = await follow(customer, id, stream.lastEventId);
    expect(again.response.status).toBe(204);
    const anew = await follow(customer, id);
    await anew.end(5_000);
    expect(keysOf(anew).sort()).toEqual(keysOf(stream).sort());
  }, 60_000);

  it('shows staff the tries too, each again when it has its outcome', async () => {
    const { id } = await customer.buy(productId, 1, 'tok_slow');
    const stream = await follow(admin, id);
    await eventually('the charge and its outcome', () => {
      const outcomes = stream.steps.filter(({ event }) => event === 'payment.attempt').map(({ item }) => item.detail);
      return Promise.resolve(outcomes.at(-1)?.['outcome'] === 'succeeded' && outcomes);
    });
    const attempts = stream.steps.filter(({ event }) => event === 'payment.attempt');
    expect(attempts.map(({ item }) => item.detail['outcome'])).toEqual(['started', 'succeeded']);
    expect(new Set(attempts.map(({ item }) => item.id)).size).toBe(1);
    await stream.step('event.consumed');
  });

  it("is nobody else's, and refused before it starts", async () => {
    const { id } = await customer.buy(productId);
    const stranger = await shop.customer();
    const path = `/v1/orders/${id}/stream`;
    const answer = await stranger.send('GET', path);
    expect(answer).toMatchObject({ status: 404, body: { code: 'order.not_found' } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect((await shop.visitor().send('GET', path)).status).toBe(401);
  });

  it('ends with the session', async () => {
    const leaving = await shop.customer();
    const { id } = await leaving.buy(productId);
    const stream = await follow(leaving, id);
    await stream.step('order.created');
    expect((await leaving.send('POST', '/v1/auth/logout')).status).toBe(204);
    await stream.end(60_000);
  }, 90_000);

  it('goes on while Redis and MongoDB are away', async () => {
    const { id } = await customer.buy(productId);
    await customer.orderInStatus(id, 'processing');
    await stackCommand('stop', 'redis');
    await stackCommand('stop', 'mongo');
    try {
      const stream = await follow(customer, id);
      await stream.step('order.processing');
      await admin.post(`/v1/admin/orders/${id}/ship`, { carrier: 'UPS', trackingNumber: '1Z5' });
      expect((await stream.step('order.shipped')).item.detail).toMatchObject({ carrier: 'UPS' });
    } finally {
      await bringBack('redis', 'mongo');
    }
  }, 90_000);
});

/** A server of its own: one HTTP worker with little room for streams. */
describe('open streams', () => {
  const shop = new Shop();
  const stores = new Stores();
  let server: OwnServer;
  let customer: Visitor;
  let orderId: string;

  const metrics = async () => (await fetch(`${server.visitor.baseUrl}/metrics`)).text();
  const here = (visitor: Visitor) => new Visitor(server.visitor.baseUrl, visitor.token);

  beforeAll(async () => {
    // Beside the stack's own ports.
    const port = Number(new URL(shop.stack.apiUrls[1] ?? shop.stack.baseUrl).port) + 60;
    server = await OwnServer.start(port, { ORDER_STREAMS: '12', ORDER_STREAM_SECONDS: '8', SERVER_DB_POOL: '4' });
    customer = await shop.customer();
    orderId = (await customer.buy((await shop.product(5)).id)).id;
    await customer.orderInStatus(orderId, 'processing');
  }, 90_000);

  afterAll(async () => {
    await server.stop();
    stores.close();
  }, 30_000);

  it('are bounded for a user and for a worker, and leave the connections to others', async () => {
    const streams = await Promise.all(Array.from({ length: 10 }, () => EventStream.open(here(customer), orderId)));
    expect(streams.map(({ response }) => response.status)).toEqual(Array(10).fill(200));
    const path = `/v1/orders/${orderId}/stream`;
    const eleventh = await here(customer).send('GET', path);
    expect(eleventh).toMatchObject({ status: 429, body: { code: 'stream.too_many' } });
    expect(Number(eleventh.headers.get('retry-after'))).toBeGreaterThan(0);

    const admin = await shop.admin();
    const others = await Promise.all([1, 2].map(() => EventStream.open(here(admin), orderId)));
    const thirteenth = await here(admin).send('GET', path);
    expect(thirteenth).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
    expect(Number(thirteenth.headers.get('retry-after'))).toBeGreaterThan(0);
    // The pool has four connections at most, for the server's two workers.
    await here(customer).get(`/v1/orders/${orderId}`);

    for (const stream of [...streams, ...others]) stream.close();
    await eventually('room again', async () => {
      const next = await EventStream.open(here(customer), orderId);
      next.close();
      return next.response.status === 200;
    });
  });

  it('end after their time, and count no minutes as response time', async () => {
    const spent = async (): Promise<number> => {
      const line = /http_request_duration_seconds_sum\{[^}]*stream"[^}]*status="200"[^}]*\} ([\d.]+)/;
      return Number(line.exec(await metrics())?.[1]);
    };
    const before = await spent();
    const stream = await EventStream.open(here(customer), orderId);
    await stream.step('order.created');
    await stream.end(15_000);
    expect((await spent()) - before).toBeLessThan(4);
    expect(await spent()).toBeGreaterThan(before);
    await eventually('no stream to be left', async () => /order_streams_open\S* 0\b/.test(await metrics()));
  }, 30_000);

  it('are not opened by who asks for the headers alone', async () => {
    const path = `${server.visitor.baseUrl}/v1/orders/${orderId}/stream`;
    const answer = await fetch(path, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${customer.token}` },
      signal: AbortSignal.timeout(5_000),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    await eventually('no stream to be left', async () => /order_streams_open\S* 0\b/.test(await metrics()), 3_000);
  });

  it('end at once when the server does', async () => {
    const stream = await EventStream.open(here(customer), orderId);
    await stream.step('order.created');
    const [httpWorker] = workersOf(server);
    const stopped = server.stop();
    await stream.end(5_000);
    await eventually(
      'the HTTP worker to be gone',
      () => Promise.resolve(!workersOf(server).includes(httpWorker)),
      8_000,
    );
    expect((await stopped).code).toBe(0);
  }, 30_000);
});
