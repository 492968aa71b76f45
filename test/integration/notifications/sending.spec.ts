import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { DataSource } from 'typeorm';
import { sealText } from '../../../src/common/sealed-text';
import { inTransaction } from '../../../src/database/sql';
import { MAIL_SEAL, NotificationsRepository, type Channel } from '../../../src/notifications/notifications.repository';
import { NotificationsSender } from '../../../src/notifications/notifications.sender';
import { Settings } from '../../../src/settings/settings';
import { CountedTransitions } from '../../support/counted-transitions';
import { eventually } from '../../support/eventually';
import { ScratchDatabase } from '../../support/scratch-database';
import { listed, Shop } from '../../support/shop';
import { Stores } from '../../support/stores';

const portOf = (address: AddressInfo | string | null): number => {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

const TEXT = { subject: 's', text: 't' };

/** A mail server of a few words, which behaves as the test wants. */
class OddMailServer {
  mood: 'takes' | 'refuses' | 'busy' | 'silent' = 'takes';
  taken = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server = createTcpServer((socket) => this.talk(socket));

  async open(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return portOf(this.server.address());
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private talk(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    if (this.mood === 'silent') return;
    socket.write('220 odd\r\n');
    let text = '';
    let inMail = false;
    socket.on('data', (chunk) => {
      text += chunk.toString();
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (inMail) {
          if (line !== '.') continue;
          inMail = false;
          this.taken += 1;
          socket.write('250 taken\r\n');
        } else if (line.startsWith('RCPT') && this.mood === 'refuses') socket.write('550 unknown here\r\n');
        else if (line.startsWith('RCPT') && this.mood === 'busy') socket.write('451 later\r\n');
        else if (line === 'DATA') {
          inMail = true;
          socket.write('354 go on\r\n');
        } else socket.write('250 fine\r\n');
      }
    });
  }
}

describe('sending', () => {
  const mailServer = new OddMailServer();
  const gateway = { status: 202, taken: 0 };
  const smsServer = createServer((request, response) => {
    request.resume();
    if (gateway.status < 300) gateway.taken += 1;
    response.writeHead(gateway.status).end();
  });
  let scratch: ScratchDatabase;
  let database: DataSource;
  let sender: NotificationsSender;

  beforeAll(async () => {
    // What goes wrong here goes wrong on purpose.
    Logger.overrideLogger(false);
    scratch = await ScratchDatabase.create('users');
    database = await scratch.open();
    await database.runMigrations();
    const smtpPort = await mailServer.open();
    smsServer.listen(0, '127.0.0.1');
    await once(smsServer, 'listening');
    const settings = new Settings({
      ...Settings.REQUIRED_FOR_DESCRIPTION,
      SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
      SMS_URL: `http://127.0.0.1:${portOf(smsServer.address())}`,
    });
    const sent = new Counter({ name: 'sent', help: '-', labelNames: ['channel', 'outcome'], registers: [] });
    sender = new NotificationsSender(database, new NotificationsRepository(), new CountedTransitions(), sent, settings);
    sender.work.start();
  });

  beforeEach(() => {
    mailServer.mood = 'takes';
    gateway.status = 202;
  });

  afterAll(async () => {
    sender.onModuleDestroy();
    mailServer.close();
    await sender.work.stop();
    await sender.beforeApplicationShutdown();
    sender.onApplicationShutdown();
    smsServer.close();
    await scratch.drop();
  });

  async function queue(channel: Channel, ageSeconds = 0, content: object = TEXT): Promise<string> {
    const id = randomUUID();
    await database.query(
      `INSERT INTO users (id, email, password_hash, name) VALUES ($1::uuid, $1::uuid::text || '@example.com', '-', 'Someone')`,
      [id],
    );
    await database.query(
      `INSERT INTO notifications (id, caused_by, event_id, type, channel, user_id, order_id, content, created_at)
       VALUES ($1, $1, $1, 'test', $2, $1, $1, $4, now() - make_interval(secs => $3))`,
      [id, channel, ageSeconds, JSON.stringify(content)],
    );
    sender.work.wake();
    return id;
  }

  async function stateOf(id: string) {
    const rows: { status: string; tries: number; pause: number; last_error: string | null }[] = await database.query(
      `SELECT status, tries, last_error, extract(epoch FROM next_try_at - now())::int AS pause
       FROM notifications WHERE id = $1`,
      [id],
    );
    const [row] = rows;
    if (!row) throw new Error('no such notification');
    return row;
  }

  const toBe = (id: string, status: string, tries: number) =>
    eventually(`${status} after ${tries} refusals`, async () => {
      const state = await stateOf(id);
      return state.status === status && state.tries === tries && state;
    });

  it.each<[Channel]>([['email'], ['sms']])('refused for good five times: %s is given up', async (channel) => {
    mailServer.mood = 'refuses';
    gateway.status = 400;
    const id = await queue(channel);
    for (let refusals = 1; refusals < 5; refusals += 1) {
      const { pause } = await toBe(id, 'queued', refusals);
      expect(pause).toBeLessThanOrEqual(30);
      await database.query('UPDATE notifications SET next_try_at = now() WHERE id = $1', [id]);
      sender.work.wake();
    }
    await toBe(id, 'dead', 5);
  });

  it('a mail sealed with another key is given up as well, each try on record', async () => {
    const id = randomUUID();
    const text = sealText('another key '.repeat(4), MAIL_SEAL, id, 'a token');
    const queued = await queue('email', 0, { ...TEXT, text, sealed: true });
    const { last_error: error } = await toBe(queued, 'queued', 1);
    expect(error).toMatch(/can not be opened/);
    const tries: object[] = await database.query(
      'SELECT outcome, error FROM notification_attempts WHERE notification_id = $1',
      [queued],
    );
    expect(tries).toEqual([{ outcome: 'refused', error: expect.stringContaining('can not be opened') }]);
  });

  it.each<[Channel]>([['email'], ['sms']])('an outage is waited for, however long: %s', async (channel) => {
    mailServer.mood = 'busy';
    gateway.status = 503;
    const id = await queue(channel, 3 * 24 * 3600);
    for (let tries = 0; tries < 7; tries += 1) {
      const { last_error: error, pause } = await eventually('a failed try', async () => {
        const state = await stateOf(id);
        return state.last_error !== null && state.status === 'queued' && state;
      });
      expect(error).toMatch(/451|503/);
      expect(pause).toBeLessThanOrEqual(30);
      await database.query('UPDATE notifications SET next_try_at = now(), last_error = NULL WHERE id = $1', [id]);
      sender.work.wake();
    }
    mailServer.mood = 'takes';
    gateway.status = 202;
    await database.query('UPDATE notifications SET next_try_at = now() WHERE id = $1', [id]);
    sender.work.wake();
    await toBe(id, 'sent', 0);
  });

  it('each try is kept, with what became of it', async () => {
    mailServer.mood = 'busy';
    const id = await queue('email', 60);
    await eventually('a failed try', async () => (await stateOf(id)).last_error !== null);
    mailServer.mood = 'takes';
    await database.query('UPDATE notifications SET next_try_at = now() WHERE id = $1', [id]);
    sender.work.wake();
    await toBe(id, 'sent', 0);
    const tries: object[] = await database.query(
      `SELECT number, outcome, error, finished_at >= started_at AS finished
       FROM notification_attempts WHERE notification_id = $1 ORDER BY number`,
      [id],
    );
    expect(tries).toEqual([
      { number: 1, outcome: 'failed', error: expect.stringContaining('451'), finished: true },
      { number: 2, outcome: 'sent', error: null, finished: true },
    ]);
  });

  it('of a long outage the last hundred tries are kept', async () => {
    mailServer.mood = 'busy';
    const id = await queue('email', 3 * 24 * 3600);
    await eventually('a failed try', async () => (await stateOf(id)).last_error !== null);
    await database.query(
      `INSERT INTO notification_attempts (notification_id, number, outcome)
       SELECT $1, number, 'failed' FROM generate_series(2, 150) AS number`,
      [id],
    );
    mailServer.mood = 'takes';
    await database.query('UPDATE notifications SET next_try_at = now() WHERE id = $1', [id]);
    sender.work.wake();
    await toBe(id, 'sent', 0);
    const [kept]: object[] = await database.query(
      `SELECT min(number) AS first, max(number) AS last, count(*)::int AS tries
       FROM notification_attempts WHERE notification_id = $1`,
      [id],
    );
    expect(kept).toEqual({ first: 52, last: 151, tries: 100 });
  });

  describe('the address, which senders of the release before look for in the row,', () => {
    const addressOf = async (id: string): Promise<string | null> => {
      const [row]: { recipient: string | null }[] = await database.query(
        'SELECT recipient FROM notifications WHERE id = $1',
        [id],
      );
      if (!row) throw new Error('no such notification');
      return row.recipient;
    };

    async function write(channel: Channel, person: { phone?: string; erased?: boolean } = {}): Promise<string> {
      const id = randomUUID();
      await database.query(
        `INSERT INTO users (id, email, password_hash, name, phone, erased_at)
         VALUES ($1::uuid, $1::uuid::text || '@example.com', '-', 'Someone', $2, CASE WHEN $3 THEN now() END)`,
        [id, person.phone ?? null, person.erased ?? false],
      );
      const type = channel === 'email' ? 'email.shipping_update' : 'sms.order_status';
      const message = { id, causedBy: id, eventId: id, type, channel, userId: id, orderId: id, content: TEXT } as const;
      await inTransaction(database, (tx) => {
        new NotificationsRepository().insert(tx, [message]);
        return Promise.resolve();
      });
      sender.work.wake();
      return id;
    }

    it('is there until the message is sent', async () => {
      mailServer.mood = 'busy';
      gateway.status = 503;
      const [mail, sms, numbered] = await Promise.all([
        write('email'),
        write('sms'),
        write('sms', { phone: '+15551234567' }),
      ]);
      expect(await Promise.all([mail, sms, numbered].map(addressOf))).toEqual([
        `${mail}@example.com`,
        `customer:${sms}`,
        '+15551234567',
      ]);
      await eventually('a failed try', async () => (await stateOf(mail)).last_error !== null);
      expect(await addressOf(mail)).toBe(`${mail}@example.com`);
      mailServer.mood = 'takes';
      gateway.status = 202;
      await database.query(`UPDATE notifications SET next_try_at = now() WHERE status = 'queued'`);
      sender.work.wake();
      for (const id of [mail, sms, numbered]) {
        await toBe(id, 'sent', 0);
        expect(await addressOf(id)).toBeNull();
      }
    });

    it('is gone when the message is given up', async () => {
      mailServer.mood = 'refuses';
      const id = await write('email');
      for (let refusals = 1; refusals < 5; refusals += 1) {
        await toBe(id, 'queued', refusals);
        expect(await addressOf(id)).toBe(`${id}@example.com`);
        await database.query('UPDATE notifications SET next_try_at = now() WHERE id = $1', [id]);
        sender.work.wake();
      }
      await toBe(id, 'dead', 5);
      expect(await addressOf(id)).toBeNull();
    });

    it('is not written for somebody who is erased, and goes with what is dropped', async () => {
      const id = await write('email', { erased: true });
      expect(await addressOf(id)).toBeNull();
      await toBe(id, 'dropped', 0);

      mailServer.mood = 'busy';
      const before = await write('email');
      await eventually('a failed try', async () => (await stateOf(before)).last_error !== null);
      await database.query('UPDATE users SET erased_at = now() WHERE id = $1', [before]);
      await database.query('UPDATE notifications SET next_try_at = now() WHERE id = $1', [before]);
      sender.work.wake();
      await toBe(before, 'dropped', 0);
      expect(await addressOf(before)).toBeNull();
    });
  });

  it('a mail server that says nothing holds up no SMS', async () => {
    mailServer.mood = 'silent';
    await Promise.all(Array.from({ length: 12 }, () => queue('email')));
    const started = Date.now();
    await toBe(await queue('sms'), 'sent', 0);
    await toBe(await queue('sms'), 'sent', 0);
    expect(Date.now() - started).toBeLessThan(4_000);
  });
});

describe('what a customer is told', () => {
  const shop = new Shop();
  const stores = new Stores();
  afterAll(() => stores.close());

  it('is a row and its event, sent once, with a Message-ID made of the event', async () => {
    const product = await shop.product(2);
    const customer = await shop.customer();
    const { id, number } = await customer.buy(product.id);
    const row = await eventually('the mail to be sent', async () => {
      const rows = await stores.rows<{ event_id: string; caused_by: string; status: string; tries: number }>(
        'users',
        `SELECT event_id, caused_by, status, tries FROM notifications
         WHERE order_id = $1 AND type = 'email.order_confirmation' AND status = 'sent'`,
        [id],
      );
      return rows[0];
    });
    expect(row.tries).toBe(0);
    const mails = (await listed<{ messageId: string; to: string; subject: string }>(shop.stack.mailUrl)).filter(
      (mail) => mail.to === customer.email && mail.subject.startsWith('Order'),
    );
    expect(mails).toMatchObject([
      { messageId: `<${row.event_id}@tradepost>`, subject: `Order confirmation ${number}` },
    ]);
    const [event] = await stores.rows('users', 'SELECT type, order_id FROM outbox WHERE event_id = $1', [row.event_id]);
    expect(event).toEqual({ type: 'email.order_confirmation', order_id: id });
  });
});
