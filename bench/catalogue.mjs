// @ts-check
/** The generated catalogue of a stack, and what customers may ask about it. */
import { Redis } from 'ioredis';
import { rowsOf } from './database.mjs';
import { runToEnd } from './stack.mjs';

const MOST_IDS = 50_000;
const COMMON_SHARE = 0.03;
const RARE_AT_MOST = 30;
const WORDS = 2_000;

/**
 * @typedef {object} Vocabulary
 * @property {number} products
 * @property {string[]} ids in no order
 * @property {string[]} departments
 * @property {string[]} common words in many names
 * @property {string[]} rare
 * @property {string[]} typos rare words, two letters swapped
 */

/** What was cached of the catalogue before is of the past. @param {string} url of Redis */
export async function forgetAll(url) {
  const redis = new Redis(url);
  await redis.flushdb();
  redis.disconnect();
}

/** @param {import('./stack.mjs').Stack} stack @param {number} products */
export async function fillCatalogue(stack, products) {
  const args = ['--count', String(products), '--seed', '1', '--url', stack.postgres.products];
  await runToEnd(['bench/generate-products.mjs', ...args]);
  await forgetAll(stack.redis);
}

/** @param {string} word */
function misspelt(word) {
  const at = Math.floor(word.length / 2);
  return `${word.slice(0, at - 1)}${word[at]}${word[at - 1]}${word.slice(at + 1)}`;
}

/** The same for the same catalogue. @param {string} url of the products database @returns {Promise<Vocabulary>} */
export async function vocabularyOf(url) {
  const column = async (/** @type {string} */ text, /** @type {unknown[]} */ parameters = []) =>
    (await rowsOf(url, text, parameters)).map(({ value }) => value);
  const [products] = await column('SELECT count(*)::int AS value FROM product_search');
  const ids = await column(
    'SELECT id AS value FROM products WHERE deleted_at IS NULL ORDER BY md5(id::text) LIMIT $1',
    [MOST_IDS],
  );
  // Generated ones: the demo's are nearly empty.
  const departments = await column(
    `SELECT id AS value FROM categories WHERE parent_id IS NULL AND slug LIKE '%-g1-%' ORDER BY name, id`,
  );
  const common = await column(
    'SELECT word AS value FROM search_words WHERE products >= $1 ORDER BY products DESC, word LIMIT $2',
    [Math.ceil(products * COMMON_SHARE), WORDS],
  );
  const rare = await column(
    'SELECT word AS value FROM search_words WHERE products <= $1 AND length(word) > 5 ORDER BY md5(word) LIMIT $2',
    [RARE_AT_MOST, WORDS],
  );
  return { products, ids, departments, common, rare, typos: rare.map(misspelt).filter((typo) => !rare.includes(typo)) };
}
