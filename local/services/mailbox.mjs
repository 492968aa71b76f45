// @ts-check
/**
 * Catches what Tradepost sends to people: mail over SMTP, text messages over HTTP. Kept over restarts.
 *   GET /mail  GET /sms  POST /sms {id?,to,text}  DELETE /mail  DELETE /sms
 * Environment: PORT, SMTP_PORT, HOST, MAILBOX_DATA (folder).
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { answer, readJson, Refusal, serve } from './http.mjs';

const folder = process.env.MAILBOX_DATA || './mailbox-data';
fs.mkdirSync(folder, { recursive: true });

/** @template T A list that lives in a file, one JSON line an item; a torn last line is dropped. */
class Kept {
  /** @type {T[]} */
  items = [];

  /** @param {string} name */
  constructor(name) {
    this.file = path.join(folder, `${name}.jsonl`);
    const text = fs.existsSync(this.file) ? fs.readFileSync(this.file, 'utf8') : '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) fs.writeFileSync(this.file, whole);
    this.items = whole
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** @param {T} item */
  add(item) {
    fs.appendFileSync(this.file, `${JSON.stringify(item)}\n`);
    this.items.push(item);
  }

  clear() {
    fs.writeFileSync(this.file, '');
    this.items = [];
  }
}

/** @type {Kept<{ messageId: string, to: string, subject: string, text: string, html: string, at: string }>} */
const mail = new Kept('mail');
/** @type {Kept<{ id: string, to: string, text: string, at: string }>} */
const sms = new Kept('sms');
const knownSms = new Set(sms.items.map(({ id }) => id));

/** @param {import('mailparser').ParsedMail} parsed @param {string[]} recipients */
function keepMail(parsed, recipients) {
  mail.add({
    messageId: parsed.messageId ?? '',
    to: recipients.join(', '),
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    html: parsed.html || '',
    at: new Date().toISOString(),
  });
}

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  size: 10 * 1024 * 1024,
  onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anyone' }),
  onData(stream, session, done) {
    simpleParser(stream)
      .then((parsed) =>
        keepMail(
          parsed,
          session.envelope.rcptTo.map(({ address }) => address),
        ),
      )
      .then(() => done(), done);
  },
});
// A client that leaves in the middle of a sentence is no reason to stop.
smtp.on('error', (error) => {
  console.error(`smtp: ${error.message}`);
  if ('code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) process.exit(1);
});
smtp.listen(Number(process.env.SMTP_PORT), process.env.HOST || '127.0.0.1');

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function takeSms(request, response) {
  const { id = crypto.randomUUID(), to, text } = await readJson(request);
  if (typeof id !== 'string' || typeof to !== 'string' || typeof text !== 'string' || !to || !text) {
    throw new Refusal(400, 'invalid_field', 'to and text are required');
  }
  if (!knownSms.has(id)) {
    knownSms.add(id);
    sms.add({ id, to, text, at: new Date().toISOString() });
  }
  answer(response, 202, { id });
}

serve(async (request, response, url) => {
  const route = `${request.method} ${url.pathname}`;
  if (route === 'GET /health') return answer(response, 200, { status: 'ok' });
  if (route === 'GET /mail') return answer(response, 200, mail.items);
  if (route === 'GET /sms') return answer(response, 200, sms.items);
  if (route === 'POST /sms') return takeSms(request, response);
  if (route === 'DELETE /mail') mail.clear();
  else if (route === 'DELETE /sms') {
    sms.clear();
    knownSms.clear();
  } else throw new Refusal(404, 'not_found', 'there is nothing here');
  answer(response, 204);
});
