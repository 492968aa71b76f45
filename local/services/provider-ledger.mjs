// @ts-check
/**
 * The provider's books: one JSON line a fact, on the disk before anyone is told of it; an index in memory.
 * A line torn by a crash was never acknowledged and is dropped.
 */
import fs from 'node:fs';
import path from 'node:path';

const KEY_MEMORY = 24 * 3600 * 1000;

/**
 * @typedef {{ id: string, amount: string, idempotencyKey: string, createdAt: string }} Refund
 * @typedef {{ id: string, orderId: string, amount: string, currency: string, status: string, failureCode?: string,
 *   idempotencyKey: string, createdAt: string, refunds: Refund[] }} Charge
 * @typedef {{ id: string, type: string, createdAt: string, data: { charge: Charge } }} WebhookEvent
 * @typedef {{ charge?: Charge, refund?: Refund & { chargeId: string }, request?: string, event?: WebhookEvent, delivered?: string }} Line
 * @typedef {{ request: string, at: number, chargeId: string, refundId?: string }} KnownKey
 */

/** @param {string} amount */
export const toCents = (amount) => Number(amount.replace('.', ''));

/** @param {number} cents */
export const toAmount = (cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

/** What is left of a charge to refund, in cents. @param {Charge} charge */
export const leftOf = (charge) =>
  toCents(charge.amount) - charge.refunds.reduce((sum, { amount }) => sum + toCents(amount), 0);

export class Ledger {
  /** @type {Map<string, Charge>} */
  charges = new Map();
  /** @type {Map<string, Charge[]>} */
  byOrder = new Map();
  /** @type {Map<string, Charge[]>} */
  byKey = new Map();
  /** @type {Map<string, WebhookEvent>} */
  undelivered = new Map();
  /** @type {Map<string, KnownKey>} */
  #keys = new Map();
  /** @type {{ text: string, done: () => void }[]} */
  #waiting = [];
  #writing = false;
  #file;

  /** @param {string} folder */
  constructor(folder) {
    fs.mkdirSync(folder, { recursive: true });
    const name = path.join(folder, 'ledger.jsonl');
    const text = fs.existsSync(name) ? fs.readFileSync(name, 'utf8') : '';
    const whole = text.lastIndexOf('\n') + 1;
    for (const line of text.slice(0, whole).split('\n')) if (line) this.#apply(JSON.parse(line));
    this.#file = fs.openSync(name, 'a+');
    if (whole < text.length) fs.ftruncateSync(this.#file, Buffer.byteLength(text.slice(0, whole)));
    // The file's own entry in its folder must survive a crash as well.
    const parent = fs.openSync(folder, 'r');
    fs.fsyncSync(parent);
    fs.closeSync(parent);
  }

  /** Resolves when the line is on the disk. @param {Line} line */
  async write(line) {
    await new Promise((resolve) => {
      this.#waiting.push({ text: `${JSON.stringify(line)}\n`, done: () => resolve(undefined) });
      if (!this.#writing) void this.#flush();
    });
    this.#apply(line);
  }

  /** Lines that wait together share one write and one fsync. */
  async #flush() {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        fs.writeSync(this.#file, batch.map(({ text }) => text).join(''));
        await new Promise((resolve, reject) =>
          fs.fdatasync(this.#file, (error) => (error ? reject(error) : resolve(undefined))),
        );
      } catch (error) {
        // Books that cannot be written must not go on answering.
        console.error('ledger: cannot write:', error);
        process.exit(1);
      }
      for (const { done } of batch) done();
    }
    this.#writing = false;
  }

  /** @param {Line} line */
  #apply({ charge, refund, request, event, delivered }) {
    if (charge) {
      const kept = { ...charge, refunds: [] };
      this.charges.set(kept.id, kept);
      collect(this.byOrder, kept.orderId, kept);
      collect(this.byKey, kept.idempotencyKey, kept);
      this.#remember('charge', kept, { request: request ?? '', chargeId: kept.id });
    }
    if (refund) {
      const { chargeId, ...kept } = refund;
      const refunded = this.charges.get(chargeId);
      if (!refunded) return;
      refunded.refunds.push(kept);
      refunded.status = leftOf(refunded) === 0 ? 'refunded' : 'partially_refunded';
      this.#remember('refund', kept, { request: request ?? '', chargeId, refundId: kept.id });
    }
    if (event) this.undelivered.set(event.id, event);
    if (delivered) this.undelivered.delete(delivered);
  }

  /** @param {string} scope @param {{ idempotencyKey: string, createdAt: string }} fact @param {Omit<KnownKey, 'at'>} known */
  #remember(scope, { idempotencyKey, createdAt }, known) {
    this.#keys.set(`${scope} ${idempotencyKey}`, { ...known, at: Date.parse(createdAt) });
  }

  /** What a key did within the last 24 hours. @param {'charge' | 'refund'} scope @param {string} key */
  known(scope, key) {
    const known = this.#keys.get(`${scope} ${key}`);
    return known && Date.now() - known.at < KEY_MEMORY ? known : undefined;
  }

  /** @param {{ orderId: string | null, idempotencyKey: string | null, since: string | null, limit: number }} filter @returns {Charge[]} */
  list({ orderId, idempotencyKey, since, limit }) {
    let found = [...this.charges.values()];
    if (orderId !== null) found = this.byOrder.get(orderId) ?? [];
    if (idempotencyKey !== null) {
      const withKey = this.byKey.get(idempotencyKey) ?? [];
      found = orderId === null ? withKey : withKey.filter((charge) => charge.orderId === orderId);
    }
    if (since === null) return found.slice(-limit);
    const from = Date.parse(since);
    return found.filter((charge) => Date.parse(charge.createdAt) >= from).slice(0, limit);
  }
}

/** @param {Map<string, Charge[]>} index @param {string} key @param {Charge} charge */
function collect(index, key, charge) {
  const list = index.get(key);
  if (list) list.push(charge);
  else index.set(key, [charge]);
}
