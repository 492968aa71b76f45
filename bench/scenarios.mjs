// @ts-check
/** What is measured of one size, beside purchases: each scenario on every number of connections. */
import { MongoClient } from 'mongodb';
import { cacheable, cartAdds, cartReads, catalogueAsks, logins, statuses } from './asks.mjs';
import { emptyCarts } from './customers.mjs';
import { rowsOf } from './database.mjs';

const STATUSES = 5_000;
/** One piece to each cart in each; a measurement ends when all are done. */
const CART_ROUNDS = 150;

/**
 * @typedef {import('./load-driver.mjs').Ask} Ask
 * @typedef {object} Scenario
 * @property {string} name
 * @property {Ask[]} asks
 * @property {'nginx' | 'server'} by
 * @property {boolean} [uncached] Redis is emptied, and nothing is asked twice until it is again
 * @property {boolean} [once] no request comes twice
 * @property {() => Promise<unknown>} [prepare] before each run
 */

/** Of customers who are signed in: others own generated orders too. @param {string} url of the orders database @param {string[]} users @returns {Promise<{ id: string, userId: string }[]>} */
const liveOrders = (url, users) =>
  rowsOf(
    url,
    `SELECT id, user_id AS "userId" FROM orders WHERE user_id = ANY($1::uuid[]) ORDER BY md5(id::text) LIMIT $2`,
    [users, STATUSES],
  );

/** Their ids are drawn by chance: the first are spread over all. @param {string} url of MongoDB @param {string[]} users @returns {Promise<{ id: string, userId: string }[]>} */
async function archivedOrders(url, users) {
  const client = await MongoClient.connect(url);
  const some = await client
    .db()
    .collection('order_history')
    .find({ user_id: { $in: users } }, { projection: { _id: 0, order_id: 1, user_id: 1 } })
    .hint('order_id_unique')
    .sort({ order_id: 1 })
    .limit(STATUSES)
    .toArray();
  await client.close();
  return some.map((document) => ({ id: document.order_id, userId: document.user_id }));
}

/** @param {import('./stack.mjs').Stack} stack @param {import('./catalogue.mjs').Vocabulary} vocabulary @param {import('./customers.mjs').Customer[]} customers @returns {Promise<Scenario[]>} */
export async function scenariosOf(stack, vocabulary, customers) {
  const asks = catalogueAsks(vocabulary);
  const base = stack.baseUrl;
  const users = customers.map(({ id }) => id);
  /** @param {string} name @param {Ask[]} of @returns {Scenario[]} */
  const both = (name, of) => [
    { name: `${name}, cached`, asks: cacheable(of), by: 'nginx' },
    { name: `${name}, uncached`, asks: of, by: 'nginx', uncached: true },
  ];
  const departments = cacheable(asks.department);
  const details = cacheable(asks.detail);
  /** @type {Scenario[]} */
  const all = [
    ...both('list of the shop', asks.shop),
    ...both('list of a department', asks.department),
    { name: 'list of a department, cached, one server', asks: departments, by: 'server' },
    ...both('detail', asks.detail),
    { name: 'detail, cached, one server', asks: details, by: 'server' },
    ...both('search, common word', asks.common),
    ...both('search, rare word', asks.rare),
    ...both('search, typo', asks.typo),
    { name: 'suggestions', asks: asks.suggestions, by: 'nginx', once: true },
    {
      name: 'add to cart',
      asks: cartAdds(customers, vocabulary.ids, CART_ROUNDS),
      by: 'nginx',
      once: true,
      prepare: () => emptyCarts(base, customers),
    },
    { name: 'cart', asks: cartReads(customers), by: 'nginx' },
    { name: 'login', asks: logins(customers), by: 'nginx' },
    {
      name: 'status of a live order',
      asks: statuses(await liveOrders(stack.postgres.orders, users), customers),
      by: 'nginx',
    },
    {
      name: 'status of an archived order',
      asks: statuses(await archivedOrders(stack.mongo, users), customers),
      by: 'nginx',
    },
  ];
  return all.filter((scenario) => scenario.asks.length > 0);
}
