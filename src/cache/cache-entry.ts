import { hash } from 'node:crypto';

/**
 * What lies in Redis under such a key: a line `mark;refreshAt;tag`, then the text. The text is served as it is; the line
 * answers without reading it whether it is still wanted (`mark`), whether it nears its end, and what its ETag is made of.
 */
export interface Entry {
  /** Names the text: another text has another tag. */
  tag: string;
  text: string;
  /** Milliseconds since 1970; from then on one reader refreshes it. */
  refreshAt: number;
}

/** What is known not to be there has this tag and no text. */
const ABSENT = '-';
const TAG_LENGTH = 16;

/** Entries made together should not all end together: shortens a time to live by up to a tenth. */
const MAX_JITTER = 0.1;
/** The last part of an entry's life, in which it is refreshed ahead. */
const REFRESH_SHARE = 0.1;

export function jitteredMs(ttlSeconds: number): number {
  return Math.round(ttlSeconds * 1000 * (1 - Math.random() * MAX_JITTER));
}

/** The `refreshAt` of what was just read. */
const NEVER_STORED = 0;

/** What was just read. The tag is made of the text: whoever reads the same has the same. */
export function entryOf(text: string): Entry {
  return { text, tag: hash('sha1', text, 'base64url').slice(0, TAG_LENGTH), refreshAt: NEVER_STORED };
}

interface Written {
  mark: string;
  tag: string;
  text: string;
  ttlMs: number;
}

export function writeEntry({ mark, tag, text, ttlMs }: Written, now = Date.now()): string {
  return `${mark};${Math.round(now + ttlMs * (1 - REFRESH_SHARE))};${tag}\n${text}`;
}

/** That there is nothing. */
export function absentEntry(mark: string, ttlMs: number, now = Date.now()): string {
  return writeEntry({ mark, tag: ABSENT, text: '', ttlMs }, now);
}

/** Null when it is of another mark, being changed, or none of ours. */
export function readEntry(stored: string, mark: string): Entry | null {
  if (!stored.startsWith(mark) || stored[mark.length] !== ';') return null;
  const refreshEnd = stored.indexOf(';', mark.length + 1);
  const lineEnd = stored.indexOf('\n', refreshEnd);
  if (refreshEnd < 0 || lineEnd < 0) return null;
  const refreshAt = Number(stored.slice(mark.length + 1, refreshEnd));
  return { tag: stored.slice(refreshEnd + 1, lineEnd), text: stored.slice(lineEnd + 1), refreshAt };
}

/** It was read from a database for this very answer, not found in Redis. */
export function isNew(entry: Entry): boolean {
  return entry.refreshAt === NEVER_STORED;
}

export function isAbsent(entry: Entry): boolean {
  return entry.tag === ABSENT;
}
