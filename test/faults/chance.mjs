// @ts-check
/** One source of chance a seed, so that a run can be repeated: same seed, same choices. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export class Chance {
  #generator;

  /** @param {number} seed */
  constructor(seed) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number from `from` to `to`, both included. @param {number} from @param {number} to */
  between(from, to) {
    return uniformInt(this.#generator, from, to);
  }

  /** True that often of a hundred times. @param {number} percent */
  in100(percent) {
    return this.between(1, 100) <= percent;
  }

  /** @template T @param {readonly T[]} items @returns {T} */
  of(items) {
    return items[this.between(0, items.length - 1)];
  }

  /** By weight. @template T @param {readonly (readonly [T, number])[]} weighted @returns {T} */
  weighted(weighted) {
    const sum = weighted.reduce((total, [, weight]) => total + weight, 0);
    let left = this.between(1, sum);
    for (const [item, weight] of weighted) {
      left -= weight;
      if (left <= 0) return item;
    }
    return weighted[0][0];
  }

  /** A chance of its own for one of many that run at once: their order must not change what each chooses. */
  fork() {
    return new Chance(this.between(1, 0x7fffffff));
  }
}
