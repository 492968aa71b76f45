import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Kafka, logLevel, Partitioners, type RecordMetadata } from 'kafkajs';
import { TOPICS } from '../../../src/events/topics';
import { GroupListener } from '../../../src/messaging/kafka/group.listener';
import { EventConsumer, OnTopic } from '../../../src/messaging/kafka/listen.decorators';
import type { ListenerGroup } from '../../../src/messaging/kafka/listener-groups';
import type { ReceivedEvent } from '../../../src/messaging/kafka/received-event';
import { Settings } from '../../../src/settings/settings';
import { eventually } from '../../support/eventually';
import { readStack } from '../../support/stack';

const run = randomUUID();
const first: ListenerGroup = { name: `test-first-${run}`, transportId: Symbol('first') };
const second: ListenerGroup = { name: `test-second-${run}`, transportId: Symbol('second') };
const ran: Record<string, string[]> = {};
/** How many events each call of the second group's handler got. */
const calls: number[] = [];

function probesOf(events: readonly ReceivedEvent[]): string[] {
  return events.flatMap(({ data }) => ('number' in data ? [data.number] : [])).filter((number) => number.endsWith(run));
}

function note(probes: readonly string[], handler: string): void {
  for (const probe of probes) (ran[probe] ??= []).push(handler);
}

let waited = 0;
/** Lets go of the message that hangs. */
let release: () => void = () => undefined;
const released = new Promise<void>((resolve) => (release = resolve));

@EventConsumer()
class FirstConsumer {
  @OnTopic(TOPICS.notifications, first)
  on(@Payload() events: readonly ReceivedEvent[]): void {
    note(probesOf(events), 'first');
  }
}

@EventConsumer()
class SecondConsumer {
  @OnTopic(TOPICS.notifications, second)
  async on(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    const probes = probesOf(events);
    if (probes.length > 0) calls.push(probes.length);
    if (probes.includes(`poison-${run}`)) throw new TypeError('nobody can act upon this');
    if (probes.includes(`later-${run}`) && (waited += 1) < 3) {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    }
    if (probes.includes(`hangs-${run}`)) await released;
    note(probes, 'second');
  }
}

@Module({ controllers: [FirstConsumer, SecondConsumer] })
class ProbeModule {}

/** Two groups in one hybrid app, on the real broker. */
describe('listener groups', () => {
  const kafka = new Kafka({ clientId: 'probe', brokers: readStack().kafka, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const outcomes: string[] = [];
  const counters = {
    handled: () => undefined,
    retried: () => void outcomes.push('retried'),
    deadLettered: (group: string) => void outcomes.push(`dead letter of ${group}`),
    skipped: (group: string) => void outcomes.push(`skipped by ${group}`),
  };
  let close: () => Promise<void>;

  const message = (probe: string, headers: Record<string, string> = {}) => ({
    key: run,
    headers,
    value: JSON.stringify({
      id: randomUUID(),
      type: 'sms.order_status',
      source: 'test',
      subject: randomUUID(),
      time: '',
      dataschema: 'v1',
      sequence: '1',
      data: { userId: randomUUID(), number: probe, orderStatus: 'shipped' },
    }),
  });
  const sendAll = (messages: { key: string; value: string }[]) =>
    producer.send({ topic: TOPICS.notifications, messages });
  const send = (probe: string, headers: Record<string, string> = {}) => sendAll([message(probe, headers)]);
  const bothHave = (probe: string) =>
    eventually(`${probe} in both groups`, () => Promise.resolve((ran[probe] ?? []).length >= 2), 20_000);

  beforeAll(async () => {
    const app = (await Test.createTestingModule({ imports: [ProbeModule] }).compile()).createNestApplication(
      new FastifyAdapter(),
      { logger: false },
    );
    for (const group of [first, second]) {
      app.connectMicroservice({ strategy: new GroupListener(group, new Settings(), counters) });
    }
    await app.init();
    await app.startAllMicroservices();
    await Promise.all([producer.connect(), admin.connect()]);
    close = () => app.close();
  }, 60_000);

  // The last test has closed it.
  afterAll(() => Promise.all([producer.disconnect(), admin.disconnect()]));

  it('run each its own handler, once for an event', async () => {
    const probe = `once-${run}`;
    await send(probe);
    await bothHave(probe);
    await send(`after-${run}`);
    await bothHave(`after-${run}`);
    expect([...(ran[probe] ?? [])].sort()).toEqual(['first', 'second']);
  });

  it('get what came together in one call, in order', async () => {
    const probes = Array.from({ length: 20 }, (_, i) => `together-${i}-${run}`);
    await sendAll(probes.map((probe) => message(probe)));
    await bothHave(probes[19] ?? '');
    expect(calls).toContain(20);
    const order = Object.keys(ran).filter((probe) => probe.startsWith('together'));
    expect(order).toEqual(probes);
  });

  it.each([
    ['an event nobody can act upon', message(`poison-${run}`)],
    ['what is no event at all', { key: run, value: 'not even JSON' }],
    ["an event whose payload is not its type's", { key: run, value: message(run).value.replace('shipped', 'lost') }],
  ])('put %s among the dead letters, alone, and go on', async (what, poison) => {
    outcomes.length = 0;
    const before = `before ${what}-${run}`;
    const behind = `behind ${what}-${run}`;
    await sendAll([message(before), poison, message(behind)]);
    await bothHave(behind);
    expect(outcomes.filter((outcome) => outcome === `dead letter of ${second.name}`)).toHaveLength(1);
    for (const probe of [before, behind]) expect([...(ran[probe] ?? [])].sort()).toEqual(['first', 'second']);
  });

  it('let an event pass that is sent again for another', async () => {
    outcomes.length = 0;
    await sendAll([message(`redriven-${run}`, { 'x-redrive-group': second.name }), message(`next-${run}`)]);
    await bothHave(`next-${run}`);
    expect(ran[`redriven-${run}`]).toEqual(['second']);
    expect(outcomes.filter((outcome) => outcome.startsWith('skipped'))).toEqual([`skipped by ${first.name}`]);
  });

  it('try events again, in their place, when a part is down', async () => {
    outcomes.length = 0;
    await sendAll([message(`later-${run}`), message(`behind-${run}`)]);
    await bothHave(`behind-${run}`);
    expect(waited).toBe(3);
    expect(ran[`later-${run}`]?.filter((handler) => handler === 'second')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'retried')).toHaveLength(2);
  });

  /** Whether the second group goes on behind this message, whoever takes its place. */
  const isBehind = async ([sent]: RecordMetadata[], offset = 0): Promise<boolean> => {
    const topics = await admin.fetchOffsets({ groupId: second.name, topics: [TOPICS.notifications] });
    const committed = topics[0]?.partitions.find(({ partition }) => partition === sent?.partition);
    return Number(committed?.offset ?? -1) > Number(sent?.baseOffset) + offset;
  };

  it('have a dead letter behind them at once: a crash writes no second one', async () => {
    const sent = await sendAll([message(`before-${run}`), message(`poison-${run}`), message(`hangs-${run}`)]);
    await eventually('the dead letter to be committed', () => isBehind(sent, 1), 20_000);
    expect(await isBehind(sent, 2)).toBe(false);
    release();
    await bothHave(`hangs-${run}`);
  });

  it('leave what they have done with behind them: within moments, and when they close', async () => {
    const sent = await send(`committed-${run}`);
    await bothHave(`committed-${run}`);
    await eventually('its offset to be committed', () => isBehind(sent));
    const last = await send(`last-${run}`);
    await bothHave(`last-${run}`);
    await close();
    expect(await isBehind(last)).toBe(true);
  });
});
