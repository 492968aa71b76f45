import { readFileSync } from 'node:fs';
import { FreshProducer } from '../../../src/messaging/kafka/fresh.producer';
import { OutboxRelay } from '../../../src/messaging/outbox/outbox.relay';
import { Settings } from '../../../src/settings/settings';
import { eventually } from '../../support/eventually';
import { metric } from '../../support/metrics';
import { Shop } from '../../support/shop';
import { stackCommand } from '../../support/stores';
import { OutboxProbe } from './outbox-probe';

/** Every worker of the shop's servers, from /proc. */
function workers(): string[] {
  const stack: { pids: { app: (number | null)[] } } = JSON.parse(readFileSync(process.env['STACK_FILE'] ?? '', 'utf8'));
  return stack.pids.app.map((pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}

/** Kafka stopped and started again, under a relay of our own and under the whole shop. */
describe('while Kafka is down', () => {
  const shop = new Shop();
  const lines: string[] = [];
  let probe: OutboxProbe;
  let relay: OutboxRelay;
  let failed = 0;

  beforeAll(async () => {
    probe = await OutboxProbe.open();
    const producer = new FreshProducer(new Settings());
    const send = producer.send.bind(producer);
    // Counts tries and changes nothing.
    producer.send = async (messages) =>
      send(messages).catch((error: unknown) => {
        failed += 1;
        throw error;
      });
    const logger = { log: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };
    relay = new OutboxRelay('users', probe.url, producer, 'test', logger);
    relay.start();
    await probe.write(4);
    await eventually('the relay to work', async () => (await probe.unpublished()) === 0);
  }, 60_000);

  afterAll(async () => {
    await stackCommand('start', 'kafka');
    await relay.stop();
    await probe.close();
    // Whatever test comes next finds a shop whose consumers are back.
    const product = await shop.product(1);
    const customer = await shop.customer();
    const { id } = await customer.buy(product.id);
    await customer.orderInStatus(id, 'processing', 60_000);
  }, 180_000);

  it('events wait in the table with few tries and fewer words, are measured, and go within seconds after', async () => {
    // One server: each tells of the same tables.
    const here = shop.stack.apiUrls.slice(0, 1);
    const orders = '{database="orders"}';
    const before = workers();
    await stackCommand('stop', 'kafka');
    await probe.write(450);
    const customer = await shop.customer();
    const product = await shop.product(3);
    const order = await customer.buy(product.id);
    expect(order.status).toBe('pending');

    await eventually('several tries', () => Promise.resolve(failed >= 5), 40_000);
    expect(lines).toEqual([expect.stringMatching(/^users relay waits \(failure 1, 0 s\): .*/)]);
    expect(await probe.unpublished()).toBe(450);
    await eventually('events that wait', async () => {
      const events = await metric(here, `outbox_unpublished_events${orders}`);
      const seconds = await metric(here, `outbox_oldest_unpublished_seconds${orders}`);
      return Number(events) >= 2 && Number(seconds) > 5;
    });

    await stackCommand('start', 'kafka');
    // A pause of at most 5 s, and the time it takes to connect.
    await eventually('everything to be published', async () => (await probe.unpublished()) === 0, 12_000);
    expect(lines.at(-1)).toMatch(/^users relay goes on after \d+ s$/);
    // The test's own consumer takes its time to come back.
    await eventually(
      'everything in Kafka, once each in order',
      () => Promise.resolve(probe.firstSeen().flat().length === 454),
      60_000,
    );
    for (const numbers of probe.firstSeen()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    await customer.orderInStatus(order.id, 'processing', 60_000);
    await eventually(
      'nothing to wait',
      async () => (await metric(here, `outbox_unpublished_events${orders}`)) === 0,
      15_000,
    );
    expect(await metric(here, `outbox_oldest_unpublished_seconds${orders}`)).toBe(0);
    // Charges, refunds and mails do not need Kafka: no consumer that gives up takes its worker with it.
    expect(workers()).toEqual(before);
    expect(await metric(shop.stack.apiUrls, `outbox_published_total${orders}`)).toBeGreaterThan(0);
  }, 180_000);
});
