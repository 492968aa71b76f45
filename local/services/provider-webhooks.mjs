// @ts-check
/** Webhooks as Standard Webhooks signs them, sent again with growing pauses until someone answers 2xx. */
import crypto from 'node:crypto';
import { request } from 'undici';

const TIMEOUT = 5000;
const LONGEST_PAUSE = 30_000;
const AT_ONCE = 16;
/** As providers do: their answer is there first. */
const FIRST_AFTER = 300;
const GIVE_UP_AFTER = 3 * 24 * 3600 * 1000;

/** @typedef {import('./provider-ledger.mjs').WebhookEvent} WebhookEvent */

export class Webhooks {
  #urls;
  #key;
  #ledger;
  /** @type {{ event: WebhookEvent, tries: number }[]} */
  #queue = [];
  #sending = 0;

  /** @param {{ urls: string[], secret: string, ledger: import('./provider-ledger.mjs').Ledger }} options */
  constructor({ urls, secret, ledger }) {
    this.#urls = urls;
    this.#key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    this.#ledger = ledger;
    for (const event of ledger.undelivered.values()) this.send(event);
  }

  get wanted() {
    return this.#urls.length > 0;
  }

  /** Never waited for: an answer to a charge does not depend on its webhook. @param {WebhookEvent} event */
  send(event) {
    if (!this.wanted) return;
    this.#later({ event, tries: 0 }, FIRST_AFTER);
  }

  #next() {
    while (this.#sending < AT_ONCE) {
      const item = this.#queue.shift();
      if (!item) return;
      this.#sending += 1;
      void this.#deliver(item).finally(() => {
        this.#sending -= 1;
        this.#next();
      });
    }
  }

  /** @param {{ event: WebhookEvent, tries: number }} item */
  async #deliver({ event, tries }) {
    const taken = await this.#post(event, tries);
    if (taken || Date.now() - Date.parse(event.createdAt) > GIVE_UP_AFTER) {
      await this.#ledger.write({ delivered: event.id });
      return;
    }
    const pause = Math.min(500 * 2 ** tries, LONGEST_PAUSE) * (0.8 + Math.random() * 0.4);
    this.#later({ event, tries: tries + 1 }, pause);
  }

  /** @param {{ event: WebhookEvent, tries: number }} item @param {number} pause */
  #later(item, pause) {
    setTimeout(() => {
      this.#queue.push(item);
      this.#next();
    }, pause);
  }

  /** One try: the next address only when one cannot be reached at all. @param {WebhookEvent} event @param {number} tries */
  async #post(event, tries) {
    const body = JSON.stringify(event);
    for (let at = 0; at < this.#urls.length; at += 1) {
      try {
        // A third of what Node's fetch costs.
        const { statusCode, body: answer } = await request(this.#urls[(at + tries) % this.#urls.length], {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...this.#signature(event.id, body) },
          body,
          signal: AbortSignal.timeout(TIMEOUT),
        });
        await answer.dump();
        return statusCode >= 200 && statusCode < 300;
      } catch {
        // Refused, reset or silent: ask the next.
      }
    }
    return false;
  }

  /** @param {string} id @param {string} body */
  #signature(id, body) {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const digest = crypto.createHmac('sha256', this.#key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${digest}` };
  }
}
