// @ts-check
/** What a developer reads while the stack works: one line a step, one clear line when something is wrong. */

// A closed terminal must not end the run half way through stopping its parts.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** A state the reader can do something about: shown as its message alone, without a stack trace. */
export class Trouble extends Error {}

/** @type {NodeJS.WriteStream} */
let told = process.stdout;

/** For a command whose standard output is an answer that others may read. */
export function sayAside() {
  told = process.stderr;
}

/** @param {string} line */
export function say(line) {
  told.write(`${line}\n`);
}

/** @param {number} since */
export function elapsed(since) {
  const seconds = (Date.now() - since) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/**
 * Announces slow work, says that it still goes on, and how long it took.
 * @template T
 * @param {string} title
 * @param {string} hint
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function slowStep(title, hint, work) {
  const since = Date.now();
  say(`${title} (${hint}) …`);
  const ticking = setInterval(() => say(`${title}: still working, ${elapsed(since)}`), 15_000);
  try {
    const result = await work();
    say(`${title}: done in ${elapsed(since)}`);
    return result;
  } finally {
    clearInterval(ticking);
  }
}

/**
 * Runs a command's main function: troubles become one line, anything else keeps its trace.
 * @param {() => Promise<number | void>} main
 */
export async function runCommand(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (error instanceof Trouble) process.stderr.write(`\n✖ ${error.message}\n`);
    else console.error(error);
    process.exitCode = 1;
  }
  // Fetches or listeners that are left over must not keep a finished command alive.
  process.exit();
}
