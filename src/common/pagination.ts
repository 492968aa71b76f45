import { isUUID } from 'class-validator';
import { inParameter, ValidationError } from './app-error';

/** Where a list that grows goes on: after the row with this time and id, newest first. */
export interface Cursor {
  at: Date;
  id: string;
}

export interface CursorPage<T> {
  items: T[];
  page: { limit: number; nextCursor: string | null };
}

/** Opaque to clients: base64url of `<ISO time>|<id>`. */
export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(`${cursor.at.toISOString()}|${cursor.id}`).toString('base64url');
}

const strangeCursor = () =>
  new ValidationError(
    [inParameter('cursor', 'must be a nextCursor of an earlier page')],
    'The cursor is not one this API gave out.',
  );

export function decodeCursor(text: string | undefined): Cursor | null {
  if (text === undefined) return null;
  const [at, id] = Buffer.from(text, 'base64url').toString('utf8').split('|');
  const time = new Date(at ?? '');
  const year = time.getUTCFullYear();
  if (!(year >= 2000 && year < 3000) || id === undefined || !isUUID(id)) {
    throw strangeCursor();
  }
  return { at: time, id };
}

function pageOf<T>(rows: T[], limit: number, cursorOf: (row: T) => string): CursorPage<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? cursorOf(last) : null;
  return { items, page: { limit, nextCursor } };
}

/** `rows` holds up to limit + 1 rows: the one too many only tells that there is a next page. */
export function toCursorPage<T>(rows: T[], limit: number, cursorOf: (row: T) => Cursor): CursorPage<T> {
  return pageOf(rows, limit, (row) => encodeCursor(cursorOf(row)));
}

/** Where a list goes on whose rows are numbered; as opaque as the other. */
export function positionOf(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const position = /^\d{1,15}$/.test(text) ? Number(text) : null;
  if (position === null) throw strangeCursor();
  return position;
}

/** The same as `toCursorPage` for numbered rows. */
export function toPositionPage<T>(rows: T[], limit: number, position: (row: T) => number): CursorPage<T> {
  return pageOf(rows, limit, (row) => Buffer.from(String(position(row))).toString('base64url'));
}

/** Every row of a list that grows, read page by page, no faster than it is taken. `read` gives `limit` rows or more. */
export async function* pageByPage<Row extends { id: string; createdAt: Date }>(
  read: (after: Cursor | null, limit: number) => Promise<Row[]>,
  limit: number,
): AsyncGenerator<Row> {
  for (let after: Cursor | null = null; ;) {
    const rows: Row[] = await read(after, limit);
    yield* rows.slice(0, limit);
    const last = rows[limit - 1];
    if (!last) return;
    after = { at: last.createdAt, id: last.id };
  }
}
