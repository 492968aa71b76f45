import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { DataSource } from 'typeorm';
import { connectionOptions } from '../../../src/database/connections';
import { isInfrastructureError } from '../../../src/database/infrastructure-error';
import { inTransaction, sql } from '../../../src/database/sql';
import { Settings } from '../../../src/settings/settings';
import { readStack } from '../../support/stack';

const STATEMENT_TIMEOUT_MS = 500;
/** The statement's limit, a second to say so, and what a busy machine takes. */
const FAILS_WITHIN_MS = 5_000;

/** Stands between the pool and PostgreSQL, and can lose every open connection without a word to either side. */
class Wire {
  private readonly sockets = new Set<Socket>();
  private readonly lost = new Set<Socket>();
  private readonly server = createServer((near) => this.join(near));

  constructor(private readonly target: URL) {}

  async open(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address: AddressInfo | string | null = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  /** What is open stays open and is dead; what is opened from now on works. */
  lose(): void {
    for (const socket of this.sockets) this.lost.add(socket);
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private join(near: Socket): void {
    const far = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (bytes) => {
        if (!this.lost.has(from)) to.write(bytes);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        if (!this.lost.has(from)) to.destroy();
      });
    }
  }
}

/** A server that hangs, or is gone without a word: no request waits for the network to notice. */
describe('PostgreSQL that stops answering', () => {
  let wire: Wire;
  let source: DataSource;

  beforeEach(async () => {
    const url = new URL(readStack().postgres.orders);
    wire = new Wire(new URL(url.href));
    url.port = String(await wire.open());
    const env = { ORDERS_DATABASE_URL: url.href, STATEMENT_TIMEOUT_MS: String(STATEMENT_TIMEOUT_MS) };
    const settings = new Settings({ ...Settings.REQUIRED_FOR_DESCRIPTION, ...env });
    const { extra } = connectionOptions('orders', [], settings);
    // One connection: who comes next gets the one that failed, if it is still in the pool.
    source = new DataSource({ type: 'postgres', url: url.href, poolSize: 1, extra: { ...extra } });
    await source.initialize();
    await sql(source, 'SELECT 1');
  });
  afterEach(async () => {
    wire.close();
    await source.destroy().catch(() => undefined);
  });

  async function failure(work: () => Promise<unknown>): Promise<unknown> {
    const started = Date.now();
    const error: unknown = await work().then(
      () => new Error('it did not fail'),
      (cause: unknown) => cause,
    );
    expect(Date.now() - started).toBeLessThan(FAILS_WITHIN_MS);
    return error;
  }

  it('fails a statement in time, and the next one has a connection that works', async () => {
    wire.lose();
    expect(isInfrastructureError(await failure(() => sql(source, 'SELECT 1')))).toBe(true);
    expect(await sql(source, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('fails a transaction in time, before its first statement and after', async () => {
    wire.lose();
    const work = () => inTransaction(source, (tx) => sql(tx, 'SELECT 1 AS one'));
    expect(isInfrastructureError(await failure(work))).toBe(true);
    expect(await work()).toEqual([{ one: 1 }]);
    const lostHalfway = () =>
      inTransaction(source, async (tx) => {
        await sql(tx, 'SELECT 1');
        wire.lose();
        return sql(tx, 'SELECT 2');
      });
    expect(isInfrastructureError(await failure(lostHalfway))).toBe(true);
    expect(await work()).toEqual([{ one: 1 }]);
  });
});
