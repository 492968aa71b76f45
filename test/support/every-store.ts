import { execFile } from 'node:child_process';
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Redis from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { CONNECTIONS } from '../../src/database/connections';
import { deadLetterTopic, TOPICS } from '../../src/events/topics';
import { readStack } from './stack';

/** Where one of the texts was found, for people to read; and how much was looked through. */
export interface Search {
  found: string[];
  looked: Record<string, number>;
}

const SCRIPT = join(__dirname, 'mongo-search.mjs');
/** The customer's mailbox and the provider are no stores of the shop. */
const OTHERS_LOGS = /^(mailbox|provider)\.log$/;
const MESSAGES_WITHIN_MS = 20_000;

/**
 * Looks for texts in everything the shop keeps, whatever it is called: each table of each schema, each collection, each
 * key of Redis, each record of Kafka and each line of a log.
 */
export class EveryStore {
  private readonly stack = readStack();
  private readonly needles: string[];

  constructor(
    private readonly redis: Redis,
    texts: readonly string[],
  ) {
    this.needles = texts.map((text) => text.toLowerCase());
  }

  /** Everything that can be taken back. */
  async search(): Promise<Search> {
    return joined([await this.tables(), await this.collections(), await this.keys(), await this.logs()]);
  }

  /** Rows as PostgreSQL writes them out; bytes are looked through in hexadecimal. */
  private async tables(): Promise<Search> {
    const search: Search = { found: [], looked: {} };
    const inBytes = this.needles.map((needle) => Buffer.from(needle).toString('hex'));
    for (const database of CONNECTIONS) {
      const client = new Client({ connectionString: this.stack.postgres[database] });
      await client.connect();
      try {
        const { rows: tables } = await client.query<{ name: string }>(
          `SELECT format('%I.%I', table_schema, table_name) AS name
           FROM information_schema.tables
           WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
        );
        for (const { name } of tables) {
          const { rows } = await client.query<{ needle: string; hits: number; looked: number }>(
            `SELECT needle, count(*) FILTER (WHERE strpos(lower(entry::text), needle) > 0)::int AS hits,
                    count(*)::int AS looked
             FROM ${name} AS entry
             CROSS JOIN unnest($1::text[]) AS needle
             GROUP BY needle`,
            [[...this.needles, ...inBytes]],
          );
          search.looked[`${database} ${name}`] = rows[0]?.looked ?? 0;
          for (const { needle, hits } of rows) if (hits > 0) search.found.push(`${database} ${name}: ${needle}`);
        }
      } finally {
        await client.end();
      }
    }
    return search;
  }

  private async collections(): Promise<Search> {
    const args = [SCRIPT, this.stack.mongo, JSON.stringify(this.needles)];
    const search: Search = JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
    return search;
  }

  private async keys(): Promise<Search> {
    const search: Search = { found: [], looked: { redis: 0 } };
    for (const key of await this.everyKey()) {
      search.looked['redis'] = (search.looked['redis'] ?? 0) + 1;
      const text = `${key} ${await this.valueOf(key)}`.toLowerCase();
      for (const needle of this.needles) if (text.includes(needle)) search.found.push(`redis ${key}: ${needle}`);
    }
    return search;
  }

  private async everyKey(): Promise<Set<string>> {
    const all = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = await this.redis.scan(cursor, 'COUNT', 500);
      for (const key of keys) all.add(key);
      cursor = next;
    } while (cursor !== '0');
    return all;
  }

  private async valueOf(key: string): Promise<string> {
    switch (await this.redis.type(key)) {
      case 'string':
        return (await this.redis.get(key)) ?? '';
      case 'hash':
        return JSON.stringify(await this.redis.hgetall(key));
      case 'set':
        return JSON.stringify(await this.redis.smembers(key));
      case 'zset':
        return JSON.stringify(await this.redis.zrange(key, 0, -1));
      case 'list':
        return JSON.stringify(await this.redis.lrange(key, 0, -1));
      case 'none':
        return '';
      default:
        throw new Error(`${key} is of a type that this does not read`);
    }
  }

  /** Of the servers, Nginx and each store. */
  private async logs(): Promise<Search> {
    const folder = join(process.env['STACK_DIR'] ?? '', 'logs');
    const search: Search = { found: [], looked: {} };
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.log') && !OTHERS_LOGS.test(file))) {
      search.looked[name] = 0;
      let rest = '';
      for await (const chunk of createReadStream(join(folder, name), 'utf8')) {
        const text = `${rest}${String(chunk)}`.toLowerCase();
        search.looked[name] += text.length - rest.length;
        for (const needle of this.needles) if (text.includes(needle)) search.found.push(`${name}: ${needle}`);
        rest = text.slice(-200);
      }
    }
    return search;
  }

  /** Every record of every topic: what is in one can not be taken back before its time. */
  async records(): Promise<Search> {
    const kafka = new Kafka({ clientId: 'test', brokers: this.stack.kafka, logLevel: logLevel.NOTHING });
    const topics = Object.values(TOPICS).flatMap((topic) => [topic, deadLetterTopic(topic)]);
    const admin = kafka.admin();
    await admin.connect();
    const open = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
        if (BigInt(high) > BigInt(low)) open.set(`${topic}/${partition}`, BigInt(high));
      }
    }
    await admin.disconnect();
    const search: Search = { found: [], looked: { kafka: 0 } };
    const consumer = kafka.consumer({ groupId: `test-search-${Date.now()}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    let done: () => void = () => undefined;
    const read = new Promise<void>((resolve) => (done = resolve));
    await consumer.run({
      eachMessage: ({ topic, partition, message }) => {
        search.looked['kafka'] = (search.looked['kafka'] ?? 0) + 1;
        const headers = JSON.stringify(
          Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
        );
        const text = `${String(message.key)} ${String(message.value)} ${headers}`.toLowerCase();
        for (const needle of this.needles) if (text.includes(needle)) search.found.push(`kafka ${topic}: ${needle}`);
        const end = open.get(`${topic}/${partition}`);
        if (end !== undefined && BigInt(message.offset) + 1n >= end) open.delete(`${topic}/${partition}`);
        if (open.size === 0) done();
        return Promise.resolve();
      },
    });
    const timer = setTimeout(done, MESSAGES_WITHIN_MS);
    await read;
    clearTimeout(timer);
    await consumer.disconnect();
    if (open.size > 0) throw new Error(`not read to the end: ${[...open.keys()].join(', ')}`);
    return search;
  }
}

function joined(searches: readonly Search[]): Search {
  return {
    found: [...new Set(searches.flatMap(({ found }) => found))],
    looked: Object.assign({}, ...searches.map(({ looked }) => looked)),
  };
}
