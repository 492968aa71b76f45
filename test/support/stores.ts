import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Redis from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import type { Connection } from '../../src/database/connections';
import { TOPICS } from '../../src/events/topics';
import { readStack } from './stack';

const ROOT = join(__dirname, '..', '..');

export interface ReceivedEvent {
  topic: string;
  key: string;
  type: string;
  id: string;
  subject: string;
  sequence: string;
  orderid?: string;
}

/** Null for what is none: other tests put garbage on the topics on purpose. */
function eventIn(value: Buffer | null): ReceivedEvent | null {
  try {
    const event: ReceivedEvent | null = JSON.parse(value?.toString() ?? 'null');
    return event;
  } catch {
    return null;
  }
}

/** Looks into the stores of the running shop, beside the API. */
export class Stores {
  private readonly stack = readStack();
  readonly redis = new Redis(this.stack.redis);

  close(): void {
    this.redis.disconnect();
  }

  async rows<T extends object>(database: Connection, text: string, values: unknown[] = []): Promise<T[]> {
    const client = new Client({ connectionString: this.stack.postgres[database] });
    await client.connect();
    try {
      return (await client.query<T>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async row<T extends object>(database: Connection, text: string, values: unknown[] = []): Promise<T> {
    const [row] = await this.rows<T>(database, text, values);
    if (!row) throw new Error(`no row: ${text}`);
    return row;
  }

  /** Documents of MongoDB as extended JSON, asked by a process of their own: in Jest's realm the driver cannot connect. */
  async documents<T extends object>(collection: string, filter: object): Promise<T[]> {
    const documents: T[] = JSON.parse(await this.mongo('mongo-find.mjs', collection, filter));
    return documents;
  }

  async deleteDocuments(collection: string, filter: object): Promise<void> {
    await this.mongo('mongo-delete.mjs', collection, filter);
  }

  /** How many were changed. */
  async updateDocuments(collection: string, filter: object, update: object): Promise<number> {
    return Number(await this.mongo('mongo-update.mjs', collection, filter, update));
  }

  private async mongo(script: string, collection: string, ...documents: object[]): Promise<string> {
    const texts = documents.map((document) => JSON.stringify(document));
    const args = [join(__dirname, script), this.stack.mongo, collection, ...texts];
    return (await promisify(execFile)(process.execPath, args, { cwd: ROOT })).stdout;
  }

  /** Every message on the four topics that belongs to this order, or to this checkout, until `enough` of them came. */
  async messagesOf(
    orderId: string,
    enough: (events: ReceivedEvent[]) => boolean,
    withinMs = 15_000,
  ): Promise<ReceivedEvent[]> {
    const kafka = new Kafka({ clientId: 'test', brokers: this.stack.kafka, logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: `test-${orderId}`, maxWaitTimeInMs: 100 });
    const events: ReceivedEvent[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: Object.values(TOPICS), fromBeginning: true });
    let done: () => void = () => undefined;
    const complete = new Promise<void>((resolve) => (done = resolve));
    await consumer.run({
      eachMessage: ({ topic, message }) => {
        const event = eventIn(message.value);
        if (event?.orderid === orderId) events.push({ ...event, topic, key: message.key?.toString() ?? '' });
        if (enough(events)) done();
        return Promise.resolve();
      },
    });
    const timer = setTimeout(done, withinMs);
    await complete;
    clearTimeout(timer);
    await consumer.disconnect();
    return events;
  }
}

/** Runs one command of the app's CLI, with the clock moved when asked to. */
export async function cli(command: string, clockOffsetSeconds = 0, args: string[] = []): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'dist/src/cli.js'), command, ...args], {
    cwd: ROOT,
    env: { ...process.env, CLOCK_OFFSET_SECONDS: String(clockOffsetSeconds) },
  });
  return stdout;
}

/** A command whose exit code says something. */
export async function cliExit(args: string[], clockOffsetSeconds = 0): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, CLOCK_OFFSET_SECONDS: String(clockOffsetSeconds) };
    execFile(process.execPath, [join(ROOT, 'dist/src/cli.js'), ...args], { cwd: ROOT, env }, (error, stdout) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout });
    });
  });
}

/** A command of the local stack, as `stop app` or `start app`. */
export async function stackCommand(...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'local/stack.mjs'), ...args], {
    cwd: ROOT,
    env: process.env,
  });
}
