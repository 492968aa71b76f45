// @ts-check
/** Staff of the shop under test: stock, shipping, the consistency check. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const TRIES = 60;

/** @typedef {{ invariant: string, ids: Record<string, unknown> | unknown[], detail: string, repair: string }} Breach */

export class Admin {
  #bearer = '';

  /** @param {{ apiUrls: string[], admin: { email: string, password: string } }} stack */
  constructor(stack) {
    this.stack = stack;
  }

  async signIn() {
    const session = await this.ask('POST', '/v1/auth/login', this.stack.admin);
    this.#bearer = session.accessToken;
  }

  /** One request that must succeed; sent again while a server or a store is just coming back. @param {string} method @param {string} route @param {object} [body] */
  async ask(method, route, body) {
    for (let tries = 1; ; tries += 1) {
      const server = this.stack.apiUrls[tries % this.stack.apiUrls.length];
      const response = await fetch(server + route, {
        method,
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(this.#bearer ? { authorization: `Bearer ${this.#bearer}` } : {}),
        },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(60_000),
      }).catch(() => null);
      if (response?.ok) return response.status === 204 ? null : response.json();
      const told = response ? `${response.status} ${await response.text()}` : 'nothing';
      if ((response && response.status < 500) || tries >= TRIES) {
        throw new Error(`${method} ${route} answered ${told}`);
      }
      await sleep(500);
    }
  }

  /** @param {number} count @param {number} stock @returns {Promise<string[]>} */
  async newProducts(count, stock) {
    const { items } = await this.ask('GET', '/v1/categories');
    const categoryId = items[0].id;
    const ids = [];
    for (let i = 0; i < count; i += 1) {
      const sku = `FAULT-${randomUUID()}`;
      const price = { amount: `${5 + i}.99`, currency: 'USD' };
      const product = { sku, name: `Faulty thing ${i}`, description: 'Made for a fault run', price, categoryId };
      const { id } = await this.ask('POST', '/v1/admin/products', product);
      await this.ask('PATCH', `/v1/admin/inventory/${id}`, { quantity: stock, expectedQuantity: 0 });
      ids.push(id);
    }
    return ids;
  }

  /** @param {string} orderId */
  async shipAndDeliver(orderId) {
    const parcel = { carrier: 'UPS', trackingNumber: `1Z${orderId.slice(0, 8)}` };
    await this.ask('POST', `/v1/admin/orders/${orderId}/ship`, parcel);
    await this.ask('POST', `/v1/admin/orders/${orderId}/deliver`, {});
  }

  /** @param {number} settledFor seconds @returns {Promise<{ breaches: Breach[], skipped: unknown[] }>} */
  consistency(settledFor) {
    return this.ask('GET', `/v1/admin/consistency?settledFor=${settledFor}`);
  }
}

/** A few at once, in order. @template T @param {readonly T[]} items @param {number} atOnce @param {(item: T) => Promise<void>} work */
export async function inLanes(items, atOnce, work) {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) await work(items[index]);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
