import { SHOP_CURRENCY, toMinorUnits } from '../common/money';
import { withoutMarkup } from '../common/plain-text';
import { undo } from './csv-cell.mapper';
import type { FileRow, ProductRow, RowFailure } from './import.types';
import { wrongColumns } from './imports.errors';

export const PLAIN_COLUMNS = [
  'sku',
  'name',
  'description',
  'price',
  'currency',
  'category',
  'quantity',
  'image_url',
] as const;
type PlainColumn = (typeof PLAIN_COLUMNS)[number];

export const ATTRIBUTE_PREFIX = 'attr:';
export const PATH_SEPARATOR = '>';

const ATTRIBUTE_NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,49}$/u;
const MAX_COLUMNS = 58;
const MAX_DEPTH = 10;
const MAX_QUANTITY = 1_000_000_000;

const isPlain = (name: string): name is PlainColumn => PLAIN_COLUMNS.some((column) => column === name);

/** Half a character is left away where a text is cut: PostgreSQL takes no JSON with one. */
const startOf = (text: string, most: number): string => text.slice(0, most).replace(/\p{Cs}$/u, '');

/** The columns of a header; throws when the file would be misunderstood. */
export function readHeader(cells: readonly string[]): string[] {
  const columns = cells.map((cell) => {
    const name = undo(cell).trim();
    if (isPlain(name.toLowerCase())) return name.toLowerCase();
    const [prefix, attribute] = [name.slice(0, ATTRIBUTE_PREFIX.length), name.slice(ATTRIBUTE_PREFIX.length)];
    if (prefix.toLowerCase() === ATTRIBUTE_PREFIX && ATTRIBUTE_NAME.test(attribute)) {
      return ATTRIBUTE_PREFIX + attribute;
    }
    throw wrongColumns(
      `There is no column "${startOf(name, 50)}": the columns are ${PLAIN_COLUMNS.join(', ')} and attr:<name>, with commas between.`,
    );
  });
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined) throw wrongColumns(`The column "${twice}" is there twice.`);
  if (!columns.includes('sku')) throw wrongColumns('The column "sku" is missing: it says which product a row is of.');
  if (columns.length > MAX_COLUMNS) throw wrongColumns(`A file has ${MAX_COLUMNS} columns at most.`);
  return columns;
}

/** What is wrong with a cell, or null. Cells that are empty are not asked about. */
const RULES: Readonly<Record<PlainColumn, (cell: string) => string | null>> = {
  sku: (cell) => (cell.length <= 100 && /^\S(.*\S)?$/.test(cell) ? null : 'must be 1 to 100 characters'),
  name: (cell) => (cell.length <= 255 && /\S/.test(cell) ? null : 'must be 1 to 255 characters, not only blanks'),
  description: (cell) => (cell.length <= 10_000 ? null : 'must be 10000 characters at most'),
  price: (cell) => (/^\d{1,8}(\.\d{1,2})?$/.test(cell) ? null : 'must be a decimal with at most two places, as 19.99'),
  currency: (cell) => (cell === SHOP_CURRENCY ? null : `must be ${SHOP_CURRENCY}`),
  category: (cell) => {
    const names = cell.split(PATH_SEPARATOR).map((name) => name.trim());
    if (names.length > MAX_DEPTH) return `must be ${MAX_DEPTH} levels deep at most`;
    return names.every((name) => name.length > 0 && name.length <= 255) ? null : 'must be a slug, or names as "A > B"';
  },
  quantity: (cell) =>
    /^\d{1,10}$/.test(cell) && Number(cell) <= MAX_QUANTITY ? null : 'must be a whole number from 0',
  image_url: (cell) =>
    cell.length <= 500 && /^(https:\/\/\S+|\/\S*)$/.test(cell) ? null : 'must be a path or an https address',
};

/** Cells whose blanks around were not meant; of a text they may be. */
const TRIMMED = new Set<string>(['sku', 'price', 'currency', 'category', 'quantity', 'image_url']);

/** Cells that name something: with their markup gone they would name something else. */
const NAMES = new Set<string>(['sku', 'image_url']);

function textOf(column: string, cell: string): string {
  const text = TRIMMED.has(column) ? undo(cell).trim() : undo(cell);
  return NAMES.has(column) ? text : withoutMarkup(text);
}

function faultOf(column: string, cell: string): string | null {
  if (NAMES.has(column) && withoutMarkup(cell) !== cell) return 'must not contain markup';
  if (isPlain(column)) return RULES[column](cell);
  return cell.length <= 255 ? null : 'must be 255 characters at most';
}

/** What a row says, or what is wrong with it. */
export function readRow(columns: readonly string[], [line, cells]: FileRow): ProductRow | RowFailure {
  const values = new Map<string, string>();
  cells.forEach((cell, i) => {
    const column = columns[i] ?? '';
    const value = textOf(column, cell);
    if (value !== '') values.set(column, value);
  });
  const sku = values.get('sku') ?? '';
  const fail = (field: string | null, message: string): RowFailure => {
    return { line, sku: sku === '' ? null : startOf(sku, 100), field, message: startOf(message, 500) };
  };
  if (cells.length !== columns.length) {
    return fail(null, `has ${cells.length} cells where the header has ${columns.length}`);
  }
  if (sku === '') return fail('sku', 'must not be empty');
  for (const [column, value] of values) {
    const fault = faultOf(column, value);
    if (fault !== null) return fail(column, fault);
  }
  const price = values.get('price');
  const quantity = values.get('quantity');
  const attributes = [...values].flatMap(([column, value]): [string, string][] =>
    column.startsWith(ATTRIBUTE_PREFIX) ? [[column.slice(ATTRIBUTE_PREFIX.length), value]] : [],
  );
  return {
    line,
    sku,
    name: values.get('name'),
    description: values.get('description'),
    price: price === undefined ? undefined : toMinorUnits(price),
    category: values.get('category'),
    quantity: quantity === undefined ? undefined : Number(quantity),
    imageUrl: values.get('image_url'),
    attributes: Object.fromEntries(attributes),
  };
}
