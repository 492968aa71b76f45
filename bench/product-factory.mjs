// @ts-check
/** Categories and products, drawn by chance. */
import crypto from 'node:crypto';
import { ADJECTIVES, COLOURS, DEPARTMENTS, inventedWords, MATERIALS, SENTENCES, SIZES } from './product-words.mjs';

/** @typedef {{ id: string, name: string, slug: string, parentId: string | null, thing: string | null }} Category */

const FIRST_DAY = Date.UTC(2023, 0, 1);
const DAYS = 1000;
const BRANDS = 1_500;
const RARE_WORDS = 30_000;
/** The middle price, and how far prices spread around it. */
const MEDIAN_PRICE = 34;
const PRICE_SPREAD = 1.1;

const slugOf = (/** @type {string} */ text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** The same name has the same id for the same seed. @param {string} name @param {number} seed */
function idOf(name, seed) {
  const hex = crypto.createHash('sha1').update(`${seed} ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** @param {() => number} chance @param {number} seed @returns {Category[]} parents before their children */
export function categoryTree(chance, seed) {
  /** @type {Category[]} */
  const all = [];
  const add = (
    /** @type {string} */ name,
    /** @type {string | null} */ parentId,
    /** @type {string | null} */ thing,
  ) => {
    const slug = `${slugOf(name)}-g${seed}-${all.length}`;
    const category = { id: idOf(slug, seed), name, slug, parentId, thing };
    all.push(category);
    return category.id;
  };
  for (const [department, sections] of Object.entries(DEPARTMENTS)) {
    const departmentId = add(department, null, null);
    for (const [section, things] of Object.entries(sections)) {
      const sectionId = add(section, departmentId, null);
      for (const thing of things) add(thing.endsWith('s') ? thing : `${thing}s`, sectionId, thing);
    }
  }
  return all;
}

/** The first of `items` most often, the second half as often, and so on. @template T @param {() => number} chance @param {readonly T[]} items @param {number} [skew] @returns {() => T} */
function zipf(chance, items, skew = 1) {
  let sum = 0;
  const upTo = items.map((_, i) => (sum += 1 / (i + 1) ** skew));
  return () => {
    const at = chance() * sum;
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle] > at) high = middle;
      else low = middle + 1;
    }
    return items[low];
  };
}

/** @template T @param {() => number} chance @param {readonly T[]} items @returns {T[]} */
function shuffled(chance, items) {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(chance() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

/** Around 0, most within 1. @param {() => number} chance */
const normal = (chance) => Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());

/** UUIDv7 of that moment. @param {() => number} chance @param {number} at */
function uuidOf(chance, at) {
  const hex = (/** @type {number} */ digits) =>
    Math.floor(chance() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${(8 + Math.floor(chance() * 4)).toString(16)}${hex(3)}-${hex(6)}${hex(6)}`;
}

/** @param {() => number} chance */
function quantityBy(chance) {
  const draw = chance();
  if (draw < 0.07) return 0;
  if (draw < 0.12) return 1 + Math.floor(chance() * 4);
  return 5 + Math.floor(chance() * 400);
}

/** @param {() => number} chance @param {Category[]} categories @param {number} seed @param {number} count */
export function productFactory(chance, categories, seed, count) {
  const capital = (/** @type {string} */ word) => word[0].toUpperCase() + word.slice(1);
  const invented = inventedWords(chance, BRANDS + RARE_WORDS);
  const category = zipf(
    chance,
    shuffled(
      chance,
      categories.filter(({ thing }) => thing !== null),
    ),
    0.8,
  );
  const brand = zipf(chance, invented.slice(0, BRANDS).map(capital));
  const rare = zipf(chance, invented.slice(BRANDS), 0.9);
  const adjective = zipf(chance, ADJECTIVES, 0.8);
  const material = zipf(chance, MATERIALS, 0.8);
  const colour = zipf(chance, COLOURS, 0.7);
  const sentence = zipf(chance, SENTENCES, 0.3);

  return (/** @type {number} */ number) => {
    // Rising, so that the ids are too.
    const at = FIRST_DAY + Math.floor(((number + chance()) / count) * DAYS * 86_400_000);
    const { id: categoryId, thing } = category();
    const own = {
      brand: brand(),
      adjective: adjective(),
      material: material(),
      colour: colour(),
      series: capital(rare()),
      thing: thing ?? 'Thing',
    };
    const series = chance() < 0.5 ? ` ${own.series}` : '';
    const name = `${own.brand}${series} ${own.adjective} ${own.material} ${own.thing}, ${own.colour}`;
    const text = (/** @type {string} */ pattern) =>
      pattern.replace(/\{(\w+)\}/g, (_, key) =>
        key === 'word' ? rare() : key === 'brand' || key === 'series' ? own[key] : own[key].toLowerCase(),
      );
    const sentences = 2 + Math.floor(chance() * 3);
    const size = chance() < 0.4 ? { size: SIZES[Math.floor(chance() * SIZES.length)] } : {};
    const code = number.toString(36).toUpperCase().padStart(5, '0');
    return {
      id: uuidOf(chance, at),
      sku: `G${seed}-${own.brand.slice(0, 3).toUpperCase()}-${code}`,
      name,
      slug: `${slugOf(name)}-g${seed}-${number.toString(36)}`,
      description: Array.from({ length: sentences }, () => text(sentence())).join(' '),
      price: Math.min(99_999, Math.max(0.5, MEDIAN_PRICE * Math.exp(PRICE_SPREAD * normal(chance)))).toFixed(2),
      categoryId,
      attributes: { brand: own.brand, colour: own.colour, material: own.material, ...size },
      imageUrl: `/static/images/${own.thing.toLowerCase().replace(/\W+/g, '-')}.svg`,
      createdAt: new Date(at).toISOString(),
      quantity: quantityBy(chance),
    };
  };
}
