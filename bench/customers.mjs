// @ts-check
/** Customers who are signed in, and products with enough in stock for all of them. */
import { randomUUID } from 'node:crypto';
import { call } from './stack.mjs';

const AT_ONCE = 4;
const PASSWORD = 'correct horse battery';
const ADDRESS = { street: '1 Main St', city: 'Springfield', state: 'IL', zipCode: '62701', country: 'US' };

/** @typedef {{ id: string, email: string, password: string, token: string, addressId: string }} Customer */

/** @template T @param {number} count @param {(index: number) => Promise<T>} work @returns {Promise<T[]>} */
async function some(count, work) {
  /** @type {T[]} */
  const results = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) results[i] = await work(i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** @param {string} base @param {number} count @returns {Promise<Customer[]>} */
export function signUp(base, count) {
  return some(count, async () => {
    const account = { email: `bench-${randomUUID()}@example.com`, password: PASSWORD, name: 'Bench' };
    const { user, accessToken } = await call(base, 'POST', '/v1/auth/register', account);
    const address = await call(base, 'POST', '/v1/users/me/addresses', ADDRESS, accessToken);
    return { id: user.id, email: account.email, password: PASSWORD, token: accessToken, addressId: address.id };
  });
}

/** @param {string} base @param {Customer[]} customers */
export const emptyCarts = (base, customers) =>
  some(customers.length, (i) => call(base, 'DELETE', '/v1/cart', undefined, customers[i]?.token));

/** As staff does it, so that the ledger agrees. @param {string} base @param {{ email: string, password: string }} admin @param {string[]} products */
export async function stockUp(base, admin, products) {
  const { accessToken } = await call(base, 'POST', '/v1/auth/login', admin);
  await some(products.length, async (i) => {
    const route = `/v1/admin/inventory/${products[i]}`;
    const { quantity } = await call(base, 'GET', route, undefined, accessToken);
    const change = { quantity: 100_000, expectedQuantity: quantity, reason: 'benchmark' };
    await call(base, 'PATCH', route, change, accessToken);
  });
}
