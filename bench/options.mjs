// @ts-check
/** What `npm run bench` is asked for. */
import { parseArgs } from 'node:util';

const USAGE = `usage: npm run bench -- [options], see bench/README.md
  --products 1000,100000,1000000   sizes of the catalogue, each on a fresh stack
  --connections 1,50,150           connections, or buyers
  --seconds 10                     of each measurement
  --only list,detail,…             parts of scenarios' names; also limits, rate, purchase
  --warm-up 5000                   requests before a scenario is measured
  --warm-up-purchases 1000         purchases before purchases are
  --live-orders 1000,1000,1000000  orders in PostgreSQL, by size (the last for all further ones)
  --archived-orders 1000,1000,1000000  orders in MongoDB, likewise
  --soak 0                         seconds under an even load, at the last size
  --json <file>                    where the numbers go (.local/bench.json)
  --report <file>                  where the report goes (docs/results/performance.md)
  --from <file>                    measures nothing: the report of these numbers
  --trial                          says in the report that it is no result`;

/** @param {string} text */
function numbersOf(text) {
  const numbers = text.split(',').map(Number);
  if (numbers.some((number) => !Number.isSafeInteger(number) || number < 0)) throw new Error(`no numbers: ${text}`);
  return numbers;
}

/** @param {string} text */
function numberOf(text) {
  const [number = 0] = numbersOf(text);
  return number;
}

/** @param {number[]} numbers @param {number} index */
const at = (numbers, index) => numbers[Math.min(index, numbers.length - 1)] ?? 0;

function read() {
  const { values } = parseArgs({
    options: {
      products: { type: 'string', default: '1000,100000,1000000' },
      connections: { type: 'string', default: '1,50,150' },
      seconds: { type: 'string', default: '10' },
      only: { type: 'string', default: '' },
      'warm-up': { type: 'string', default: '5000' },
      'warm-up-purchases': { type: 'string', default: '1000' },
      'live-orders': { type: 'string', default: '1000,1000,1000000' },
      'archived-orders': { type: 'string', default: '1000,1000,1000000' },
      soak: { type: 'string', default: '0' },
      json: { type: 'string', default: '.local/bench.json' },
      report: { type: 'string', default: 'docs/results/performance.md' },
      from: { type: 'string' },
      trial: { type: 'boolean', default: false },
    },
  });
  const live = numbersOf(values['live-orders']);
  const archived = numbersOf(values['archived-orders']);
  return {
    sizes: numbersOf(values.products).map((products, i) => ({
      products,
      live: at(live, i),
      archived: at(archived, i),
    })),
    connections: numbersOf(values.connections),
    seconds: numberOf(values.seconds),
    only: values.only.split(',').filter((part) => part !== ''),
    warmUp: numberOf(values['warm-up']),
    warmUpPurchases: numberOf(values['warm-up-purchases']),
    soak: numberOf(values.soak),
    json: values.json,
    report: values.report,
    from: values.from ?? null,
    trial: values.trial,
  };
}

/** @typedef {ReturnType<typeof read>} Options */

/** @returns {Options} */
export function readOptions() {
  try {
    return read();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return process.exit(64);
  }
}

/** @param {Options} options @param {string} name */
export const wanted = ({ only }, name) => only.length === 0 || only.some((part) => name.includes(part));
