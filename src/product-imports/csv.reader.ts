import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { AppError } from '../common/app-error';
import type { FileRow } from './import.types';
import { malformed, wrongEncoding } from './imports.errors';

/** Far above any product; a quote that never ends must not fill the memory. */
const MAX_RECORD_BYTES = 262_144;

const LINE_BREAK = /\r\n|\n|\r/g;

/** Names what is wrong in the words of whoever made the file. */
const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  INVALID_OPENING_QUOTE: 'a quote is in the middle of a cell; quote the whole cell and double the quote',
  CSV_INVALID_CLOSING_QUOTE: 'something follows a closing quote; double a quote that belongs to the text',
  CSV_MAX_RECORD_SIZE: `the row is longer than ${MAX_RECORD_BYTES} bytes, perhaps for want of a closing quote`,
};

/** Bytes as text, piece by piece. */
async function* decoded(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (bytes?: Buffer): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw wrongEncoding();
    }
  };
  for await (const bytes of source) {
    const text = decode(bytes);
    // UTF-16 without its mark is valid UTF-8 with a NUL beside each letter.
    if (text.includes('\0')) throw wrongEncoding();
    yield text;
  }
  yield decode();
}

/**
 * The rows of a CSV file (RFC 4180), header first, as they come: with or without a mark at the start (BOM), whatever ends
 * its lines. Reads no faster than its rows are taken. A row has as many cells as the file gives it.
 */
export async function* readRows(source: AsyncIterable<Buffer>): AsyncGenerator<FileRow> {
  let line = 1;
  const parser = parse({
    bom: true,
    relax_column_count: true,
    // Left to itself the parser takes the first ending for that of all lines, and any other for text.
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: MAX_RECORD_BYTES,
    // Here and not where they are taken: the parser is ahead, and an error is of the line that it came to.
    on_record: (cells) => {
      const begins = line;
      line += 1 + cells.reduce((breaks, cell) => breaks + (cell.match(LINE_BREAK)?.length ?? 0), 0);
      return cells.some((cell) => cell !== '') ? [String(begins), ...cells] : null;
    },
  });
  const records: AsyncIterable<string[]> = parser;
  // What goes wrong here comes out of the parser below.
  const piped = pipeline(decoded(source), parser).catch(() => undefined);
  try {
    for await (const [begins, ...cells] of records) yield [Number(begins), cells];
  } catch (error) {
    if (error instanceof AppError || !(error instanceof CsvError)) throw error;
    throw malformed(line, REASONS[error.code] ?? 'it cannot be read');
  } finally {
    await piped;
  }
}
