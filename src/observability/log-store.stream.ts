import { Writable } from 'node:stream';
import { MongoClient } from 'mongodb';

/** Lines that wait while MongoDB does not answer; standard output has them all anyway. */
const MOST_WAITING = 1_000;
const WRITE_EVERY_MS = 1_000;

interface LogDocument extends Record<string, unknown> {
  at: Date;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/**
 * Keeps warnings and errors in MongoDB's `logs`, where an index lets them expire. A log line never waits for MongoDB
 * and never fails a request: what cannot be written is dropped.
 */
export class LogStoreStream extends Writable {
  private waiting: LogDocument[] = [];
  private readonly client: MongoClient;
  private readonly timer: NodeJS.Timeout;

  constructor(mongoUrl: string) {
    super({ decodeStrings: false });
    this.client = new MongoClient(mongoUrl, {
      maxPoolSize: 1,
      serverSelectionTimeoutMS: 2_000,
      socketTimeoutMS: 2_000,
    });
    this.timer = setInterval(() => void this.flush(), WRITE_EVERY_MS).unref();
  }

  override _write(line: string, _encoding: BufferEncoding, done: () => void): void {
    const entry: unknown = JSON.parse(line);
    if (isRecord(entry) && this.waiting.length < MOST_WAITING) this.waiting.push({ ...entry, at: new Date() });
    done();
  }

  override _final(done: () => void): void {
    clearInterval(this.timer);
    void this.flush()
      .then(() => this.client.close())
      .finally(done);
  }

  private async flush(): Promise<void> {
    if (this.waiting.length === 0) return;
    const documents = this.waiting;
    this.waiting = [];
    await this.client
      .db()
      .collection<LogDocument>('logs')
      .insertMany(documents, { ordered: false, writeConcern: { w: 1 } })
      .catch(() => undefined);
  }
}
