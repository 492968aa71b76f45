import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { FreshProducer } from '../../../src/messaging/kafka/fresh.producer';
import { OutboxRelay } from '../../../src/messaging/outbox/outbox.relay';
import { Settings } from '../../../src/settings/settings';
import { eventually } from '../../support/eventually';
import { OddNetwork } from '../../support/odd-network';
import { OutboxProbe } from './outbox-probe';

const TAKEN_OVER_WITHIN_MS = 12_000;

/** Of two relays of one outbox one works; it may stop in any way, and the other goes on within seconds. */
describe('two relays of one outbox', () => {
  let probe: OutboxProbe;
  let stop: (() => unknown)[] = [];
  const warnings: string[] = [];
  const logger = { log: () => undefined, warn: (line: string) => void warnings.push(line) };

  const inThisProcess = (name: 'users' | 'products' | 'orders', url = probe.url): OutboxRelay => {
    const relay = new OutboxRelay(name, url, new FreshProducer(new Settings()), 'test', logger);
    relay.start();
    stop.push(() => relay.stop());
    return relay;
  };
  const inItsOwn = (name: string): ChildProcess => {
    const child = spawn(process.execPath, [join(__dirname, 'relay-program.mjs'), probe.url, name], { stdio: 'ignore' });
    stop.push(() => child.kill('SIGKILL'));
    return child;
  };
  const toHold = (name: string) =>
    eventually(
      `relay-${name} to work`,
      async () => {
        const holders = await probe.holders();
        return holders.length === 1 && holders[0] === `relay-${name}`;
      },
      30_000,
    );
  const allPublished = (withinMs: number) =>
    eventually('everything to be published', async () => (await probe.unpublished()) === 0, withinMs);

  beforeAll(async () => {
    probe = await OutboxProbe.open();
  }, 60_000);

  afterEach(async () => {
    await Promise.all(stop.map((end) => end()));
    stop = [];
  });

  afterAll(() => probe.close(), 30_000);

  const expectOrder = async () => {
    await eventually('everything in Kafka', () => Promise.resolve(probe.firstSeen().flat().length === probe.written));
    for (const numbers of probe.firstSeen()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  };

  it('the holder is frozen: the other publishes, in order, and the thawed one is the second', async () => {
    const frozen = inItsOwn('first');
    await toHold('first');
    await probe.write(40);
    await allPublished(10_000);
    inThisProcess('orders');

    frozen.kill('SIGSTOP');
    await probe.write(40);
    await allPublished(TAKEN_OVER_WITHIN_MS);
    await toHold('orders');

    frozen.kill('SIGCONT');
    await probe.write(40);
    await allPublished(10_000);
    expect(await probe.holders()).toEqual(['relay-orders']);
    await expectOrder();
  }, 90_000);

  it('the network between the holder and PostgreSQL falls silent: the other publishes, and both go on after', async () => {
    const direct = new URL(probe.url);
    const network = new OddNetwork(direct.hostname, Number(direct.port));
    const detour = new URL(probe.url);
    detour.port = String(await network.open());
    stop.push(() => network.close());
    inThisProcess('users', detour.href);
    await toHold('users');
    const other = inThisProcess('orders');

    network.silence();
    await probe.write(40);
    await allPublished(TAKEN_OVER_WITHIN_MS);
    await toHold('orders');
    // Still silent: whoever waits for an answer does not wait for ever.
    await eventually(
      'the first to give its session up',
      () => Promise.resolve(warnings.some((line) => line.startsWith('users relay waits'))),
      15_000,
    );

    network.restore();
    await other.stop();
    await probe.write(40);
    await allPublished(15_000);
    await expectOrder();
  }, 90_000);

  it('the holder is killed: the other publishes at once', async () => {
    const killed = inItsOwn('first');
    await toHold('first');
    inThisProcess('orders');
    killed.kill('SIGKILL');
    await probe.write(8);
    await allPublished(4_000);
    await expectOrder();
  }, 60_000);
});
