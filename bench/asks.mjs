// @ts-check
/** The requests of each kind, in one order for one catalogue. */
const SORTS = ['name', 'price', '-price', 'newest'];
/** Twenty in the middle, as a page usually has. */
const PAGE_SIZES = Array.from({ length: 20 }, (_, i) => 11 + i);
/** The same depths at every size, or the sizes could not be compared. */
const PAGES_OF_SHOP = 40;
const PAGES_OF_DEPARTMENT = 4;
const MOST_CACHED = 200;
const PREFIX_LENGTHS = [2, 3, 4, 5, 6];

/**
 * @typedef {import('./load-driver.mjs').Ask} Ask
 * @typedef {import('./catalogue.mjs').Vocabulary} Vocabulary
 */

/** Every n-th, so that neighbours differ. @template T @param {T[]} items @returns {T[]} */
function mixed(items) {
  const step = 7_919 % Math.max(1, items.length) || 1;
  const coprime = [step, step + 1, step + 2, 1].find((n) => commonDivisor(n, items.length) === 1) ?? 1;
  return items.map((_, i) => /** @type {T} */ (items[(i * coprime) % items.length]));
}

/** @param {number} a @param {number} b @returns {number} */
const commonDivisor = (a, b) => (b === 0 ? a : commonDivisor(b, a % b));

/** @param {string[]} categories none for the whole shop @param {number} pages @returns {Ask[]} */
function lists(categories, pages) {
  const places = categories.length === 0 ? [''] : categories.map((id) => `&category=${id}`);
  return mixed(
    places.flatMap((place) =>
      SORTS.flatMap((sort) =>
        PAGE_SIZES.flatMap((size) =>
          Array.from({ length: pages }, (_, page) => ({
            path: `/v1/products?page=${page + 1}&pageSize=${size}&sort=${sort}${place}`,
          })),
        ),
      ),
    ),
  );
}

/** @param {string[]} words @returns {Ask[]} */
const searches = (words) =>
  PAGE_SIZES.flatMap((size) =>
    words.map((word) => ({ path: `/v1/products/search?q=${encodeURIComponent(word)}&pageSize=${size}` })),
  );

/** @param {Vocabulary} vocabulary */
export function catalogueAsks({ ids, departments, common, rare, typos }) {
  const prefixes = PREFIX_LENGTHS.flatMap((length) => [...common, ...rare].map((word) => word.slice(0, length)));
  return {
    shop: lists([], PAGES_OF_SHOP),
    department: lists(departments, PAGES_OF_DEPARTMENT),
    detail: ids.map((id) => ({ path: `/v1/products/${id}` })),
    common: searches(common),
    rare: searches(rare),
    typo: searches(typos),
    suggestions: mixed([...new Set(prefixes)]).map((q) => ({
      path: `/v1/products/suggestions?q=${encodeURIComponent(q)}`,
    })),
  };
}

/** @param {Ask[]} asks */
export const cacheable = (asks) => asks.slice(0, MOST_CACHED);

/** Nine of ten are of the 200 asked most, one is new. @param {ReturnType<typeof catalogueAsks>} asks @param {number} count @returns {Ask[]} */
export function usualSearches({ common, rare, typo }, count) {
  const often = [...common.slice(0, 100), ...rare.slice(0, 80), ...typo.slice(0, 20)];
  const fresh = mixed([...common.slice(100), ...rare.slice(80), ...typo.slice(20)]);
  return Array.from({ length: count }, (_, i) => {
    const from = i % 10 === 0 ? fresh : often;
    return from[(i % 10 === 0 ? i / 10 : i * 37) % from.length] ?? { path: '/v1/products/search?q=lamp' };
  });
}

/** @param {string} token */
const bearer = (token) => ({ authorization: `Bearer ${token}` });

/** One piece of one of three products, in turn to every cart. @param {import('./customers.mjs').Customer[]} customers @param {string[]} products @param {number} rounds @returns {Ask[]} */
export const cartAdds = (customers, products, rounds) =>
  Array.from({ length: rounds }, (_, round) =>
    customers.map(({ token }, i) => ({
      method: /** @type {const} */ ('POST'),
      path: '/v1/cart/items',
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: JSON.stringify({ productId: products[(i + (round % 3)) % products.length], quantity: 1 }),
    })),
  ).flat();

/** @param {import('./customers.mjs').Customer[]} customers @returns {Ask[]} */
export const cartReads = (customers) => customers.map(({ token }) => ({ path: '/v1/cart', headers: bearer(token) }));

/** @param {import('./customers.mjs').Customer[]} customers @returns {Ask[]} */
export const logins = (customers) =>
  customers.map(({ email, password }) => ({
    method: /** @type {const} */ ('POST'),
    path: '/v1/auth/login',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  }));

/** @param {{ id: string, userId: string }[]} orders @param {import('./customers.mjs').Customer[]} customers @returns {Ask[]} */
export function statuses(orders, customers) {
  const tokens = new Map(customers.map(({ id, token }) => [id, token]));
  return orders.map(({ id, userId }) => ({ path: `/v1/orders/${id}`, headers: bearer(tokens.get(userId) ?? '') }));
}
