export const IMPORT_STATES = ['receiving', 'queued', 'running', 'done'] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

export interface ImportOptions {
  /** Everything is checked, nothing kept. */
  dryRun: boolean;
  /** Categories that are not there yet are made. */
  createCategories: boolean;
}

/** A row as the file has it: the line it begins on, and its cells. */
export type FileRow = [line: number, cells: string[]];

export interface ImportJobRecord extends ImportOptions {
  id: string;
  state: ImportState;
  columns: string[];
  createdBy: string;
  requestId: string | null;
  rowsReceived: number;
  rowsRead: number;
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

/** A row that was not taken over, and why. */
export interface RowFailure {
  line: number;
  sku: string | null;
  /** The column that is wrong, when it is one. */
  field: string | null;
  message: string;
}

/** What a row says of its product; what it leaves empty stays as it is. */
export interface ProductRow {
  line: number;
  sku: string;
  name?: string;
  description?: string;
  /** Minor units. */
  price?: number;
  /** A slug, or names from the root down with " > " between. */
  category?: string;
  quantity?: number;
  imageUrl?: string;
  attributes: Readonly<Record<string, string>>;
}

export const isFailure = (row: ProductRow | RowFailure): row is RowFailure => 'message' in row;
