import { setTimeout as after } from 'node:timers/promises';
import { Client } from 'pg';
import { sql } from '../../database/sql';
import { OUTBOX_CHANNEL } from './outbox.service';

/** Any number will do, so long as nothing else in these databases takes the same one. */
const RELAY_LOCK = 7_041_001;

const PING_MS = 1_000;
/** After this long without a word from us the server ends the session, and the lock with it. Several polls long. */
const SILENT_FOR_MS = 5_000;
const CONNECT_WITHIN_MS = 3_000;
const STATEMENT_WITHIN_MS = 4_000;
/** Longer than the server gives a statement: only a connection that hangs runs into it. */
const ANSWER_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 1_000;

/**
 * The PostgreSQL session that makes one of all relays of an outbox the one that works: it holds an advisory lock and
 * hears the notices. A killed holder's lock is free at once. A frozen holder, or one whose network is cut, says nothing
 * any more, and the server ends its session; so does a holder itself that gets no answer.
 */
export class RelaySession {
  private client: Client | null = null;
  private holding = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly name: string,
    private readonly onNotice: () => void,
  ) {}

  /**
   * The session while it holds the lock, else null: another relay works. Whatever is published must be read by it: a
   * holder that was frozen and lost the lock finds the session ended before it finds an event.
   */
  async holder(): Promise<Client | null> {
    const client = this.client ?? (await this.connect());
    if (this.holding) return client;
    // The table's oid is part of the lock, so that two outboxes in one database have a relay each.
    const [row] = await sql<{ held: boolean }>(
      client,
      `SELECT pg_try_advisory_lock(($1::bigint << 32) | 'outbox'::regclass::oid::bigint) AS held`,
      [RELAY_LOCK],
    );
    if (row?.held !== true) return null;
    await client.query(`LISTEN ${OUTBOX_CHANNEL}`);
    this.holding = this.client === client;
    return this.holding ? client : null;
  }

  /** A holder that waits for Kafka is alive: the session hears of it until `work` is done. */
  async keepDuring<T>(client: Client, work: Promise<T>): Promise<T> {
    const ended = new AbortController();
    const pinging = this.pingUntil(client, ended.signal);
    try {
      return await work;
    } finally {
      ended.abort();
      await pinging;
    }
  }

  /** Gives the lock back. */
  async close(): Promise<void> {
    const { client } = this;
    if (!client) return;
    this.forget(client);
    // A connection that hangs does not say goodbye.
    await Promise.race([client.end().catch(() => undefined), after(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }

  private async connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.databaseUrl,
      application_name: this.name,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
    });
    client.on('error', () => this.forget(client));
    client.on('end', () => this.forget(client));
    client.on('notification', () => this.onNotice());
    try {
      await client.connect();
      // tcp_user_timeout: a frozen holder that takes no more bytes keeps a backend busy that is not idle.
      await sql(
        client,
        `SELECT set_config('idle_session_timeout', $1, false), set_config('tcp_user_timeout', $1, false),
                set_config('statement_timeout', $2, false)`,
        [String(SILENT_FOR_MS), String(STATEMENT_WITHIN_MS)],
      );
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    return client;
  }

  private async pingUntil(client: Client, ended: AbortSignal): Promise<void> {
    for (;;) {
      await after(PING_MS, undefined, { signal: ended }).catch(() => undefined);
      if (ended.aborted) return;
      try {
        await client.query('SELECT 1');
      } catch {
        await this.close();
        return;
      }
    }
  }

  private forget(client: Client): void {
    if (this.client !== client) return;
    this.client = null;
    this.holding = false;
  }
}
