// @ts-check
/**
 * Customers on a bad network: they place orders through Nginx, send again with the same key until they are answered,
 * click twice, open two tabs, give up in the middle of a request and come back.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {import('./chance.mjs').Chance} Chance */
/**
 * @typedef {{ userId: string, products: string[], chance: Chance, bearer: string, addressId: string }} Buyer
 * @typedef {{ id: string, number: string, payment: string, bearer: string, userId: string, cancelled: boolean,
 *   lines: { productId: string, quantity: number }[], placedAt: number }} Placed  `payment`: the token it is paid with
 * @typedef {{ status: number, body: any }} Answer
 */

const PAYMENTS = /** @type {const} */ ([
  ['tok_ok', 56],
  ['tok_declined', 14],
  ['tok_slow', 8],
  ['tok_unknown', 8],
  ['tok_flaky', 14],
]);

const ADDRESS = { street: '1 Main St', city: 'Springfield', state: 'IL', zipCode: '62701', country: 'US' };
/** No customer is that patient; a run that needs longer has found something. */
const PATIENCE_MS = 240_000;
const REQUEST_WITHIN_MS = 40_000;
/** Answers that say "not now": no effect is known, the same request is sent again. */
const NOT_NOW = new Set([408, 425, 429, 502, 503, 504]);

export class Market {
  /** @type {Map<string, Placed>} */
  placed = new Map();
  /** Answers by status, so that a 500 is seen. @type {Map<number, number>} */
  answers = new Map();
  /** What clients were told on the way that no client should be told. @type {string[]} */
  complaints = [];
  refused = 0;
  sentAgain = 0;
  #stopped = false;

  /** @param {string} baseUrl */
  constructor(baseUrl) {
    this.baseUrl = baseUrl;
  }

  /** @param {number} count @param {string[]} products @param {Chance} chance @returns {Promise<Buyer[]>} */
  async signUp(count, products, chance) {
    const buyers = [];
    for (let i = 0; i < count; i += 1) {
      const session = await this.#register();
      const bearer = session.accessToken;
      const { body: address } = await this.#insist('POST', '/v1/users/me/addresses', ADDRESS, { bearer });
      buyers.push({ userId: session.user.id, products, chance: chance.fork(), bearer, addressId: address.id });
    }
    return buyers;
  }

  /** Nginx takes a server in just now, perhaps, and closes connections that rest: whoever loses one comes anew. */
  async #register() {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const email = `buyer-${randomUUID()}@example.com`;
      const account = { email, password: 'correct horse battery', name: 'Bea Buyer' };
      const answer = await this.#send('POST', '/v1/auth/register', account).catch(() => null);
      if (answer?.status === 201) return answer.body;
      if (Date.now() > deadline) throw new Error(`nobody can register: ${answer?.status}`);
      await sleep(500);
    }
  }

  /** Everyone buys until told to stop and `wanted` orders are placed. @param {Buyer[]} buyers @param {number} wanted */
  async open(buyers, wanted) {
    await Promise.all(
      buyers.map(async (buyer) => {
        while (!this.#stopped || this.placed.size < wanted) {
          await this.#purchase(buyer);
          await sleep(buyer.chance.between(200, 2_500));
        }
      }),
    );
  }

  close() {
    this.#stopped = true;
  }

  /** @param {Buyer} buyer */
  async #purchase(buyer) {
    const { chance, bearer } = buyer;
    await this.#insist('DELETE', '/v1/cart', undefined, { bearer });
    const lines = chosen(buyer);
    for (const line of lines) await this.#insist('POST', '/v1/cart/items', line, { bearer });
    const wish = { shippingAddressId: buyer.addressId };
    const checkout = await this.#insist('POST', '/v1/checkouts', wish, { bearer, key: randomUUID(), chance });
    if (checkout.status !== 201) return this.#refuse('checkout', checkout);

    const payment = chance.weighted(PAYMENTS);
    const order = { checkoutId: checkout.body.id, payment: { provider: 'sandbox', token: payment } };
    const key = randomUUID();
    const place = (/** @type {string} */ withKey) =>
      this.#insist('POST', '/v1/orders', order, { bearer, key: withKey, chance });
    // One in six clicks twice with one key, one in ten has a second tab with a key of its own.
    const keys = chance.in100(16) ? [key, key] : chance.in100(10) ? [key, randomUUID()] : [key];
    const answers = await Promise.all(keys.map(place));
    const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id));
    if (ids.size > 1) this.complaints.push(`checkout ${order.checkoutId} became ${[...ids].join(' and ')}`);
    const taken = answers.find(({ status }) => status === 201)?.body;
    if (!taken) return this.#refuse('order', answers[0]);
    const placed = {
      id: taken.id,
      number: taken.number,
      payment,
      bearer,
      userId: buyer.userId,
      cancelled: false,
      // What was held: an answer that was lost may have put a line into the cart twice.
      lines: taken.items.map((/** @type {any} */ item) => ({ productId: item.productId, quantity: item.quantity })),
      placedAt: Date.now(),
    };
    this.placed.set(placed.id, placed);
    if (chance.in100(5)) {
      const { status } = await this.#insist('POST', `/v1/orders/${placed.id}/cancel`, {}, { bearer });
      placed.cancelled = status === 200;
    }
  }

  /** A 409 is an answer; anything else that is no success is none a customer should get. @param {string} what @param {Answer} answer */
  #refuse(what, { status, body }) {
    this.refused += 1;
    if (status !== 409) this.complaints.push(`${what} answered ${status} ${JSON.stringify(body)}`);
  }

  /**
   * Sends the same request until it is answered. One in twelve gives up in the middle of a request, and comes back.
   * @param {string} method @param {string} route @param {object | undefined} body
   * @param {{ bearer: string, key?: string, chance?: Chance }} options @returns {Promise<Answer>}
   */
  async #insist(method, route, body, options) {
    const deadline = Date.now() + PATIENCE_MS;
    let hangUpAfter = options.chance?.in100(8) ? options.chance.between(1, 60) : 0;
    for (;;) {
      const answer = await this.#send(method, route, body, options, hangUpAfter || REQUEST_WITHIN_MS).catch(() => null);
      hangUpAfter = 0;
      const final = answer && !NOT_NOW.has(answer.status) && answer.body?.code !== 'idempotency.in_progress';
      if (final) return answer;
      if (Date.now() > deadline) {
        this.complaints.push(`${method} ${route} had no answer for ${PATIENCE_MS / 1000} s`);
        return answer ?? { status: 0, body: null };
      }
      this.sentAgain += 1;
      await sleep(500);
    }
  }

  /**
   * @param {string} method @param {string} route @param {object | undefined} body
   * @param {{ bearer?: string, key?: string }} [options] @param {number} [withinMs] @returns {Promise<Answer>}
   */
  async #send(method, route, body, { bearer, key } = {}, withinMs = REQUEST_WITHIN_MS) {
    const response = await fetch(this.baseUrl + route, {
      method,
      headers: {
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        ...(key ? { 'idempotency-key': key } : {}),
      },
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(withinMs),
    });
    const text = await response.text();
    this.answers.set(response.status, (this.answers.get(response.status) ?? 0) + 1);
    const answer = { status: response.status, body: text === '' ? null : JSON.parse(text) };
    if (response.status === 500) this.complaints.push(`${method} ${route} answered 500 ${text}`);
    return answer;
  }
}

/** One to three different products, one or two of each. @param {Buyer} buyer */
function chosen({ products, chance }) {
  const count = chance.between(1, 3);
  const first = chance.between(0, products.length - 1);
  return Array.from({ length: count }, (_, i) => ({
    productId: products[(first + i) % products.length],
    quantity: chance.between(1, 2),
  }));
}
