import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { TOPICS } from '../../../src/events/topics';
import { GroupListener } from '../../../src/messaging/kafka/group.listener';
import { EventConsumer, OnTopic } from '../../../src/messaging/kafka/listen.decorators';
import type { ListenerGroup } from '../../../src/messaging/kafka/listener-groups';
import { Settings } from '../../../src/settings/settings';
import { eventually } from '../../support/eventually';
import { readStack } from '../../support/stack';

const run = randomUUID();
const first: ListenerGroup = { name: `test-first-${run}`, transportId: Symbol('first') };
const second: ListenerGroup = { name: `test-second-${run}`, transportId: Symbol('second') };
const ran: Record<string, string[]> = {};

function note(message: unknown, handler: string): void {
  const id = typeof message === 'object' && message !== null && 'probe' in message ? String(message.probe) : null;
  if (id?.endsWith(run)) (ran[id] ??= []).push(handler);
}

let poisoned = 0;
let waited = 0;

@EventConsumer()
class FirstConsumer {
  @OnTopic(TOPICS.notifications, first)
  on(@Payload() message: unknown): void {
    note(message, 'first');
  }
}

@EventConsumer()
class SecondConsumer {
  @OnTopic(TOPICS.notifications, second)
  on(@Payload() message: unknown): void {
    const text = JSON.stringify(message);
    if (text.includes(`poison-${run}`)) {
      poisoned += 1;
      throw new TypeError('nobody can read this');
    }
    if (text.includes(`later-${run}`) && (waited += 1) < 3) {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    }
    note(message, 'second');
  }
}

@Module({ controllers: [FirstConsumer, SecondConsumer] })
class ProbeModule {}

/** Two groups in one hybrid app, on the real broker. */
describe('listener groups', () => {
  const kafka = new Kafka({ clientId: 'probe', brokers: readStack().kafka, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const outcomes: string[] = [];
  const counters = {
    handled: () => undefined,
    retried: () => void outcomes.push('retried'),
    deadLettered: (group: string) => void outcomes.push(`dead letter of ${group}`),
    skipped: (group: string) => void outcomes.push(`skipped by ${group}`),
  };
  let close: () => Promise<void>;

  const send = (probe: string, headers: Record<string, string> = {}) =>
    producer.send({
      topic: TOPICS.notifications,
      messages: [
        {
          key: run,
          headers,
          value: JSON.stringify({
            id: randomUUID(),
            type: 'test.probe',
            probe,
            source: 'test',
            subject: run,
            time: '',
            dataschema: 'v1',
            sequence: '1',
          }),
        },
      ],
    });

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
    await producer.connect();
    close = async () => {
      await app.close();
      await producer.disconnect();
    };
  }, 60_000);

  afterAll(() => close());

  it('run each its own handler, once for an event', async () => {
    const probe = `once-${run}`;
    await send(probe);
    await eventually('both groups', () => Promise.resolve((ran[probe] ?? []).length >= 2), 20_000);
    await send(`after-${run}`);
    await eventually('a later event', () => Promise.resolve((ran[`after-${run}`] ?? []).length >= 2), 20_000);
    expect([...(ran[probe] ?? [])].sort()).toEqual(['first', 'second']);
  });

  it('put a poison event among the dead letters with its cause, and go on', async () => {
    await send(`poison-${run}`);
    await send(`healthy-${run}`);
    await eventually('the event behind it', () => Promise.resolve((ran[`healthy-${run}`] ?? []).length >= 2), 20_000);
    expect(poisoned).toBe(1);
    expect(outcomes).toContain(`dead letter of ${second.name}`);
  });

  it('let an event pass that is sent again for another', async () => {
    await send(`redriven-${run}`, { 'x-redrive-group': second.name });
    await send(`next-${run}`);
    await eventually('the event behind it', () => Promise.resolve((ran[`next-${run}`] ?? []).length >= 2), 20_000);
    expect(ran[`redriven-${run}`]).toEqual(['second']);
    expect(outcomes.filter((outcome) => outcome.startsWith('skipped'))).toEqual([`skipped by ${first.name}`]);
  });

  it('try an event again, in its place, when a part is down', async () => {
    await send(`later-${run}`);
    await send(`behind-${run}`);
    await eventually('the event behind it', () => Promise.resolve((ran[`behind-${run}`] ?? []).length >= 2), 20_000);
    expect(waited).toBe(3);
    expect(ran[`later-${run}`]?.filter((handler) => handler === 'second')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'retried')).toHaveLength(2);
  });
});
