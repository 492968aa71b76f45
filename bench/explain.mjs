// @ts-check
/**
 * node bench/explain.mjs --url <products database> [--out docs/results/plans]
 * EXPLAIN (ANALYZE, BUFFERS) of each statement a visitor of the catalogue waits for, as the servers run it: prepared, one
 * plan for all values. Values are taken from what is there. Fails when one reads a whole big table. After `npm run build`.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';

const require = createRequire(import.meta.url);
const { FIND_DETAIL, LIST_ALL, LIST_CATEGORY, RELATED } = require('../dist/src/products/catalogue.queries.js');
const { COMPLETE, CORRECT, SUGGEST_PRODUCTS, UNDERSTAND } = require('../dist/src/search/search-words.queries.js');
const { SEARCH, SEARCH_CATEGORY } = require('../dist/src/search/search.queries.js');

const WHOLE_TABLE_READ =
  /Seq Scan on (?:products|product_search|search_words|inventory|stock_movements|product_images)\b.*\(actual/;
const RUNS_BEFORE = 5;

const { values } = parseArgs({
  options: { url: { type: 'string' }, out: { type: 'string', default: 'docs/results/plans' } },
});
if (!values.url) {
  console.error('usage: explain.mjs --url <products database> [--out <folder>]');
  process.exit(64);
}

/** @typedef {string | number | boolean | null | string[]} Value */

/** @param {Value} value */
function literal(value) {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `ARRAY[${value.map(literal).join()}]::uuid[]`;
  return typeof value === 'string' ? pg.escapeLiteral(value) : String(value);
}

const client = new pg.Client({ connectionString: values.url });
await client.connect();
await client.query('SET plan_cache_mode = force_generic_plan');

/** @param {string} text @param {Value[]} [parameters] @returns {Promise<any>} the first row */
const one = async (text, parameters = []) => (await client.query(text, parameters)).rows[0];

const { n: size } = await one('SELECT count(*)::int AS n FROM product_search');
const wordUsedBy = async (/** @type {number} */ share) =>
  (
    await one('SELECT word FROM search_words ORDER BY abs(products - $1::int), word LIMIT 1', [
      Math.round(size * share),
    ])
  ).word;
const common = await wordUsedBy(0.1);
const other = await wordUsedBy(0.06);
const rare = (
  await one('SELECT word FROM search_words WHERE length(word) > 6 ORDER BY abs(products - 30), word LIMIT 1')
).word;
const typo = `${rare.slice(0, -3)}${rare.at(-2)}${rare.at(-3)}${rare.at(-1)}`;
const { category_id: leaf } = await one(
  'SELECT category_id FROM category_counts ORDER BY products DESC, 1 OFFSET 20 LIMIT 1',
);
const { id: department } = await one('SELECT id FROM categories WHERE parent_id IS NULL ORDER BY name, id LIMIT 1');
const { id: product, sku } = await one(
  'SELECT id, sku FROM products WHERE deleted_at IS NULL ORDER BY price, id OFFSET 1000 LIMIT 1',
);

/** @param {string} text @param {{ category?: string, min?: string, max?: string }} [filter] @returns {Value[]} */
const understood = (text, { category, min, max } = {}) => [text, '', text, category ?? null, min ?? null, max ?? null];

/** What the servers make of the words first. @param {keyof typeof SEARCH} sort @param {string | null} text @param {{ category?: string, min?: string, max?: string, inStock?: boolean }} [filter] @returns {Promise<Value[]>} */
async function searched(sort, text, filter = {}) {
  const { marks, words, tree } = await one(UNDERSTAND, understood(text ?? '', filter));
  const parameters = [
    marks,
    text && words,
    tree,
    filter.min ?? null,
    filter.max ?? null,
    filter.inStock ?? null,
    20,
    0,
  ];
  return sort === 'relevance' ? [...parameters, text] : parameters;
}

/** @type {[name: string, text: string, parameters: Value[]][]} */
const statements = [
  ['list-all-name', LIST_ALL.name, [20, 0]],
  ['list-all-newest-deep', LIST_ALL.newest, [20, 9_980]],
  ['list-category-price', LIST_CATEGORY.price, [20, 0, leaf]],
  ['list-department-name', LIST_CATEGORY.name, [20, 0, department]],
  ['list-department-newest-page-50', LIST_CATEGORY.newest, [20, 980, department]],
  ['detail', FIND_DETAIL, [product]],
  ['related', RELATED, [product, 8]],
  ['understand-common', UNDERSTAND, understood(common)],
  ['understand-beginning', UNDERSTAND, understood(rare.slice(0, 4))],
  ['search-common', SEARCH.relevance, await searched('relevance', common)],
  ['search-two-common', SEARCH.relevance, await searched('relevance', `${common} ${other}`)],
  ['search-rare', SEARCH.relevance, await searched('relevance', rare)],
  ['search-nothing', SEARCH.relevance, await searched('relevance', typo)],
  ['search-sku', SEARCH.relevance, await searched('relevance', sku)],
  ['search-common-in-category', SEARCH.relevance, await searched('relevance', common, { category: leaf })],
  ['search-common-in-stock', SEARCH.relevance, await searched('relevance', common, { inStock: true })],
  ['search-common-prices', SEARCH.relevance, await searched('relevance', common, { min: '20', max: '25' })],
  ['search-common-by-price', SEARCH.price, await searched('price', common)],
  ['search-rare-by-newest', SEARCH.newest, await searched('newest', rare)],
  ['search-category-alone', SEARCH_CATEGORY.name, await searched('name', null, { category: leaf })],
  ['search-department-alone', SEARCH_CATEGORY['-price'], await searched('-price', null, { category: department })],
  ['correct', CORRECT, [typo]],
  ['complete', COMPLETE, [rare.slice(0, 2), 6]],
  [
    'suggest-products',
    SUGGEST_PRODUCTS,
    [(await one(UNDERSTAND, understood(rare.slice(0, 3)))).words, rare.slice(0, 3), 6],
  ],
];

fs.mkdirSync(values.out, { recursive: true });
/** @type {string[]} */
const summary = [];
/** @type {string[]} */
const guilty = [];
for (const [index, [name, text, parameters]] of statements.entries()) {
  const call = `EXECUTE statement${index}(${parameters.map(literal).join(', ')})`;
  await client.query(`PREPARE statement${index} AS ${text}`);
  for (let run = 0; run < RUNS_BEFORE; run += 1) await client.query(call);
  const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) ${call}`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  fs.writeFileSync(path.join(values.out, `${name}.txt`), `-- ${parameters.map(literal).join(', ')}\n${plan}\n`);
  const time = /Execution Time: ([\d.]+) ms/.exec(plan)?.[1] ?? '?';
  const buffers = /Buffers: shared hit=(\d+)/.exec(plan)?.[1] ?? '0';
  const whole = WHOLE_TABLE_READ.exec(plan)?.[0];
  if (whole) guilty.push(`${name}: ${whole}`);
  summary.push(`| [${name}](${name}.txt) | ${time} | ${buffers} |`);
  console.log(`${name.padEnd(34)} ${time.padStart(9)} ms`);
}
await client.end();

fs.writeFileSync(
  path.join(values.out, 'README.md'),
  `# Plans at ${size.toLocaleString('en-US').replaceAll(',', ' ')} products

\`EXPLAIN (ANALYZE, BUFFERS)\` of what a visitor of the catalogue waits for, by \`node bench/explain.mjs\`: prepared, one plan
whatever the values, after ${RUNS_BEFORE} runs. The clock of EXPLAIN itself is in the times. None reads a whole big table, or the script fails.

| statement | ms | pages |
| --- | --- | --- |
${summary.join('\n')}
`,
);
if (guilty.length > 0) {
  console.error(`whole tables are read:\n${guilty.join('\n')}`);
  process.exit(1);
}
