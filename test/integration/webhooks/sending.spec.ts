import { setTimeout as sleep } from 'node:timers/promises';
import { RETRY_AFTER_SECONDS } from '../../../src/webhooks/retry.policy';
import { eventually } from '../../support/eventually';
import { Receiver, signatures, verified } from './receiver';
import { confirmed, WebhookDesk } from './webhook-desk';

describe('a webhook', () => {
  let desk: WebhookDesk;
  beforeAll(async () => {
    desk = await WebhookDesk.open();
  }, 60_000);
  afterAll(() => desk.close());

  it('arrives signed, as Standard Webhooks has it, and says nothing of people but ids', async () => {
    const integrator = await desk.integrator();
    const event = confirmed();
    await desk.listener().take([event]);
    const delivery = await desk.delivery(integrator, ({ status }) => status === 'delivered');
    const [message] = desk.receiver.at(integrator.path);
    if (!message) throw new Error('nothing came');
    expect(verified(integrator.secret, message)).toEqual({
      type: 'order.confirmed',
      timestamp: event.time,
      data: {
        orderId: event.subject,
        number: 'TP-1',
        customerId: expect.any(String),
        paymentId: expect.any(String),
        total: { amount: '19.99', currency: 'USD' },
        items: [expect.objectContaining({ sku: 'SKU-1', unitPrice: { amount: '19.99', currency: 'USD' } })],
      },
    });
    expect(message.headers).toMatchObject({ 'webhook-id': event.id, 'content-type': 'application/json' });
    expect(() => verified(`whsec_${Buffer.alloc(32).toString('base64')}`, message)).toThrow();
    expect(await desk.attemptsOf(delivery)).toEqual([
      { outcome: 'delivered', status: 204, error: null, response: null },
    ]);
  });

  it('is sent again after a failure, under the same id, when its pause is over', async () => {
    const integrator = await desk.integrator();
    desk.receiver.answer(integrator.path, (_message, response) => void response.writeHead(500).end('broken\u0000here'));
    const event = confirmed();
    await desk.listener().take([event]);
    const failed = await desk.delivery(integrator, ({ last_status: last }) => last === 500);
    expect(failed).toMatchObject({ status: 'pending', tries: 1, last_error: 'answered 500' });
    expect(failed.waits).toBeGreaterThan(2);
    expect(failed.waits).toBeLessThan(6);
    desk.receiver.answer(integrator.path, (_message, response) => void response.writeHead(200).end());
    await desk.due(failed);
    const delivery = await desk.delivery(integrator, ({ status }) => status === 'delivered');
    expect(delivery.tries).toBe(2);
    const messages = desk.receiver.at(integrator.path);
    expect(messages.map(({ headers }) => headers['webhook-id'])).toEqual([event.id, event.id]);
    for (const message of messages) verified(integrator.secret, message);
    expect(await desk.attemptsOf(delivery)).toEqual([
      { outcome: 'refused', status: 500, error: 'answered 500', response: 'broken here' },
      { outcome: 'delivered', status: 200, error: null, response: null },
    ]);
  });

  it('is given up after its last try, about three days on, and its endpoint with it', async () => {
    expect(RETRY_AFTER_SECONDS.reduce((sum, pause) => sum + pause) / 86_400).toBeGreaterThan(3);
    const integrator = await desk.integrator();
    desk.receiver.answer(integrator.path, (_message, response) => void response.writeHead(503).end());
    await desk.listener().take([confirmed()]);
    const failed = await desk.delivery(integrator, ({ last_status: last }) => last === 503);
    expect((await desk.endpoints.get(integrator.id)).failingSince).not.toBeNull();
    await desk.rows(`UPDATE webhook_endpoints SET failing_since = now() - interval '73 hours' WHERE id = $1`, [
      integrator.id,
    ]);
    await desk.rows('UPDATE webhook_deliveries SET tries = $2 WHERE id = $1', [failed.id, RETRY_AFTER_SECONDS.length]);
    await desk.due(failed);
    await desk.delivery(integrator, ({ status }) => status === 'failed');
    await eventually('it to be disabled', async () => {
      return (await desk.endpoints.get(integrator.id)).disabledReason === 'failing';
    });
    const [entry] = await desk.rows(
      'SELECT action, actor_id, after FROM audit_log WHERE subject_id = $1 AND action = $2',
      [integrator.id, 'webhook.disabled'],
    );
    expect(entry).toEqual({ action: 'webhook.disabled', actor_id: null, after: { enabled: false, reason: 'failing' } });
  });

  it('that has waited for three days since it was due is one too many for its endpoint', async () => {
    const idle = await WebhookDesk.open();
    try {
      await idle.worker.work.stop();
      const [slow, anew] = [await idle.integrator(), await idle.integrator()];
      await idle.listener().take([confirmed()]);
      await idle.rows(`UPDATE webhook_deliveries SET next_try_at = now() - interval '73 hours'`);
      await idle.deliveries.sweep();
      expect((await idle.endpoints.get(slow.id)).disabledAt).toBeNull();
      // The other one was enabled an hour ago, and has its time for what waited.
      await idle.rows(`UPDATE webhook_endpoints SET listens_from = now() - interval '4 days' WHERE id = $1`, [slow.id]);
      await idle.deliveries.sweep();
      expect((await idle.endpoints.get(slow.id)).disabledReason).toBe('failing');
      expect((await idle.endpoints.get(anew.id)).disabledAt).toBeNull();
      const trail = `SELECT after FROM audit_log WHERE subject_id = $1 AND action = 'webhook.disabled'`;
      expect(await idle.rows(trail, [slow.id])).toEqual([{ after: { enabled: false, reason: 'overwhelmed' } }]);
    } finally {
      await idle.close();
    }
  });

  it('has an address that may hold a secret: the audit log keeps none of it but its origin', async () => {
    const { id, path } = await desk.integrator();
    await desk.endpoints.edit(id, { url: desk.receiver.url(`${path}?token=abc`) }, { versions: null }, desk.admin);
    const trail = JSON.stringify(await desk.rows('SELECT before, after FROM audit_log WHERE subject_id = $1', [id]));
    expect(trail).not.toContain(path);
    expect(trail).not.toContain('abc');
    expect(trail.match(/http:\/\/127\.0\.0\.1:\d+\/…[0-9a-f]{8}/g)).toHaveLength(3);
  });

  it('that arrives forgets that others failed', async () => {
    const integrator = await desk.integrator();
    await desk.rows(`UPDATE webhook_endpoints SET failing_since = now() - interval '5 days' WHERE id = $1`, [
      integrator.id,
    ]);
    await desk.listener().take([confirmed()]);
    await desk.delivery(integrator, ({ status }) => status === 'delivered');
    expect(await desk.endpoints.get(integrator.id)).toMatchObject({ failingSince: null, disabledAt: null });
  });

  it('whose secret cannot be read is a failed try, and its endpoint fails', async () => {
    const integrator = await desk.integrator();
    await desk.rows(`UPDATE webhook_endpoints SET secret = 'sealed with another key' WHERE id = $1`, [integrator.id]);
    await desk.listener().take([confirmed()]);
    const failed = await desk.delivery(integrator, ({ last_error: error }) => error !== null);
    expect(failed).toMatchObject({ status: 'pending', tries: 1 });
    const error = 'the secret that signs it cannot be read';
    expect(await desk.attemptsOf(failed)).toEqual([{ outcome: 'not_signed', status: null, error, response: null }]);
    expect((await desk.endpoints.get(integrator.id)).failingSince).not.toBeNull();
    expect(desk.receiver.at(integrator.path)).toEqual([]);
  });

  it.each([200, 500])('that ends with %d waits for who replays it, and they for nobody', async (status) => {
    const integrator = await desk.integrator();
    await desk.rows(`UPDATE webhook_endpoints SET failing_since = now() WHERE id = $1`, [integrator.id]);
    desk.receiver.answer(integrator.path, (_message, response) => void response.writeHead(status).end());
    // As a replay does it: the endpoint first, then its delivery.
    await desk.database.transaction(async (tx) => {
      await tx.query('SELECT id FROM webhook_endpoints WHERE id = $1 FOR NO KEY UPDATE', [integrator.id]);
      await desk.listener().take([confirmed()]);
      await eventually('the answer to wait to be written down', async () => {
        return (await desk.rows(`SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`)).length > 0;
      });
      await tx.query(`SET LOCAL lock_timeout = '500ms'`);
      await tx.query('UPDATE webhook_deliveries SET last_duration_ms = 0 WHERE endpoint_id = $1', [integrator.id]);
    });
    const delivery = await desk.delivery(integrator, ({ last_status: last }) => last === status);
    expect(await desk.attemptsOf(delivery)).toHaveLength(1);
  });

  it('that is answered 410 is the last to its endpoint; what waits is sent when staff enable it again', async () => {
    const integrator = await desk.integrator();
    desk.receiver.answer(integrator.path, (_message, response) => void response.writeHead(410).end());
    await desk.listener().take([confirmed()]);
    await desk.delivery(integrator, ({ status }) => status === 'failed');
    const gone = await eventually('it to be disabled', async () => {
      const endpoint = await desk.endpoints.get(integrator.id);
      return endpoint.disabledReason === 'gone' && endpoint;
    });
    await desk.listener().take([confirmed()]);
    expect(await desk.deliveriesOf(integrator)).toHaveLength(1);
    await expect(desk.deliveries.sendTest(integrator.id, desk.admin)).rejects.toMatchObject({
      code: 'webhook.disabled',
    });
    await desk.rows(`UPDATE webhook_deliveries SET status = 'pending', next_try_at = now() WHERE endpoint_id = $1`, [
      integrator.id,
    ]);
    desk.receiver.answer(integrator.path, (_message, response) => void response.writeHead(200).end());
    desk.worker.wake();
    await sleep(300);
    expect(desk.receiver.at(integrator.path)).toHaveLength(1);
    await desk.endpoints.edit(gone.id, { enabled: true }, { versions: [String(gone.version)] }, desk.admin);
    desk.worker.wake();
    await desk.delivery(integrator, ({ status }) => status === 'delivered');
  });

  it.each([
    [
      'whose lease another worker has meanwhile',
      'UPDATE webhook_deliveries SET tries = tries + 1 WHERE endpoint_id = $1',
    ],
    ['whose address staff changed meanwhile', `UPDATE webhook_endpoints SET url = url || '/new' WHERE id = $1`],
  ])('%s is answered 410 for nothing', async (_, change) => {
    const integrator = await desk.integrator();
    let answer: () => void = () => undefined;
    desk.receiver.answer(integrator.path, (_message, response) => {
      answer = () => response.writeHead(410).end();
    });
    await desk.listener().take([confirmed()]);
    await eventually('it to arrive', () => Promise.resolve(desk.receiver.at(integrator.path).length > 0));
    await desk.rows(change, [integrator.id]);
    answer();
    desk.receiver.answer(integrator.path, (_message, response) => void response.writeHead(204).end());
    await eventually('the answer to be written down', async () => {
      const [delivery] = await desk.deliveriesOf(integrator);
      return delivery && (await desk.attemptsOf(delivery)).length > 0;
    });
    await sleep(300);
    expect((await desk.endpoints.get(integrator.id)).disabledReason).toBeNull();
    expect((await desk.deliveriesOf(integrator))[0]?.status).toBe('pending');
  });

  it('is one request a try, however many workers there are', async () => {
    const others = [desk.anotherWorker(), desk.anotherWorker()];
    for (const other of others) other.work.start();
    const integrator = await desk.integrator();
    await desk.listener().take(Array.from({ length: 60 }, () => confirmed()));
    for (const other of others) other.wake();
    await eventually('all to arrive', async () => {
      return (await desk.deliveriesOf(integrator)).every(({ status }) => status === 'delivered');
    });
    const ids = desk.receiver.at(integrator.path).map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(60);
    expect(new Set(ids).size).toBe(60);
    for (const other of others) {
      await other.work.stop();
      await other.settled();
    }
  });

  it('left behind by a killed worker is sent again once its lease has run out', async () => {
    const integrator = await desk.integrator();
    // As the dead one left it: leased for a moment more, with a try begun that nobody ended.
    desk.receiver.answer(integrator.path, (_message, response) => void response.writeHead(200).end());
    await desk.rows(
      `INSERT INTO webhook_deliveries (id, endpoint_id, event_id, event_type, payload, tries, next_try_at, leased_until)
       VALUES (gen_random_uuid(), $1, gen_random_uuid(), 'order.confirmed', '{"type":"order.confirmed"}', 1,
               now() + interval '1 second', now() + interval '1 second')`,
      [integrator.id],
    );
    desk.worker.wake();
    await sleep(300);
    expect(desk.receiver.at(integrator.path)).toEqual([]);
    const delivery = await desk.delivery(integrator, ({ status }) => status === 'delivered');
    expect(delivery.tries).toBe(2);
    expect(desk.receiver.at(integrator.path)).toHaveLength(1);
  });

  it('to a slow receiver holds up no other', async () => {
    const slow = new Receiver();
    await slow.open();
    slow.answer('*', () => undefined);
    const waiting = await desk.integrator(['order.confirmed'], slow);
    await desk.listener().take(Array.from({ length: 40 }, () => confirmed()));
    await eventually('the slow one to have its hands full', () => Promise.resolve(slow.messages.length >= 4));
    const quick = await desk.integrator(['order.cancelled', 'order.confirmed']);
    const started = Date.now();
    await desk.listener().take(Array.from({ length: 20 }, () => confirmed()));
    await eventually('all to arrive', async () => {
      return (await desk.deliveriesOf(quick)).every(({ status }) => status === 'delivered');
    });
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(slow.messages).toHaveLength(4);
    await desk.endpoints.remove(waiting.id, { versions: null }, desk.admin);
    await slow.close();
    await desk.worker.settled();
  });

  it('is read no further than its log keeps, and follows no redirect', async () => {
    const integrator = await desk.integrator();
    const target = await desk.integrator();
    desk.receiver.answer(integrator.path, (_message, response) => {
      response.writeHead(302, { location: desk.receiver.url(target.path) });
      const endless = setInterval(() => response.write('x'.repeat(10_000)), 5);
      response.on('close', () => clearInterval(endless));
    });
    await desk.deliveries.sendTest(integrator.id, desk.admin);
    const delivery = await desk.delivery(integrator, ({ last_status: last }) => last === 302);
    expect(delivery.status).toBe('pending');
    expect((await desk.attemptsOf(delivery))[0]?.response).toHaveLength(1_000);
    expect(desk.receiver.at(target.path)).toEqual([]);
  });

  it('is signed with both secrets for a day after a rotation', async () => {
    const integrator = await desk.integrator();
    const { secret: next } = await desk.endpoints.rotateSecret(integrator.id, desk.admin);
    expect(next).not.toBe(integrator.secret);
    await desk.deliveries.sendTest(integrator.id, desk.admin);
    await desk.delivery(integrator, ({ status }) => status === 'delivered');
    const [both] = desk.receiver.at(integrator.path);
    if (!both) throw new Error('nothing came');
    expect(signatures(both)).toHaveLength(2);
    for (const secret of [integrator.secret, next]) {
      expect(verified(secret, both)).toMatchObject({ type: 'webhook.test', data: { webhookId: integrator.id } });
    }
    await desk.rows(`UPDATE webhook_endpoints SET former_secret_until = now() - interval '1 second' WHERE id = $1`, [
      integrator.id,
    ]);
    await desk.deliveries.sendTest(integrator.id, desk.admin);
    const alone = await eventually('the second', () => Promise.resolve(desk.receiver.at(integrator.path)[1]));
    expect(signatures(alone)).toHaveLength(1);
    verified(next, alone);
    expect(() => verified(integrator.secret, alone)).toThrow();
    await desk.deliveries.sweep();
    const [kept] = await desk.rows<{ former_secret: null; secret: Buffer }>(
      'SELECT former_secret, secret FROM webhook_endpoints WHERE id = $1',
      [integrator.id],
    );
    expect(kept?.former_secret).toBeNull();
    expect(kept?.secret.toString('latin1')).not.toContain(next.slice(6));
  });

  it('is sent again when staff want it, alone or all that failed since a time', async () => {
    const integrator = await desk.integrator();
    await desk.listener().take([confirmed()]);
    const delivery = await desk.delivery(integrator, ({ status }) => status === 'delivered');
    await desk.deliveries.replay(integrator.id, delivery.id, desk.admin);
    await eventually('it to come again', () => Promise.resolve(desk.receiver.at(integrator.path).length === 2));
    await desk.listener().take([confirmed(), confirmed()]);
    await eventually('all to arrive', async () => {
      return (await desk.deliveriesOf(integrator)).every(({ status }) => status === 'delivered');
    });
    await desk.rows(`UPDATE webhook_deliveries SET status = 'failed' WHERE endpoint_id = $1`, [integrator.id]);
    await desk.rows(`UPDATE webhook_deliveries SET created_at = now() - interval '2 days' WHERE id = $1`, [
      delivery.id,
    ]);
    const yesterday = new Date(Date.now() - 86_400_000);
    const replayed = await desk.deliveries.replayFailed(integrator.id, yesterday, desk.admin);
    expect(replayed).toEqual({ replayed: 2, more: false });
    await eventually('both to come again', () => Promise.resolve(desk.receiver.at(integrator.path).length === 6));
    expect((await desk.deliveriesOf(integrator)).find(({ id }) => id === delivery.id)?.status).toBe('failed');
  });

  it('is forgotten after 30 days, and with its endpoint', async () => {
    const integrator = await desk.integrator();
    await desk.listener().take([confirmed(), confirmed()]);
    await eventually('both to arrive', async () => {
      const all = await desk.deliveriesOf(integrator);
      return all.length === 2 && all.every(({ status }) => status === 'delivered') && all;
    });
    await desk.rows(
      `UPDATE webhook_deliveries SET created_at = now() - interval '31 days'
       WHERE id = (SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 LIMIT 1)`,
      [integrator.id],
    );
    await desk.deliveries.sweep();
    expect(await desk.deliveriesOf(integrator)).toHaveLength(1);
    await desk.endpoints.remove(integrator.id, { versions: null }, desk.admin);
    await expect(desk.endpoints.get(integrator.id)).rejects.toMatchObject({ code: 'webhook.not_found' });
    await desk.deliveries.sweep();
    await desk.deliveries.sweep();
    expect(await desk.rows('SELECT id FROM webhook_endpoints WHERE id = $1', [integrator.id])).toEqual([]);
  });
});
