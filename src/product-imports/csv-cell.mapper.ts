/**
 * A spreadsheet runs a cell that begins like a formula. An export puts an apostrophe before it, and an import takes that
 * one away again: also before those that had apostrophes of their own, so that both ways give back what was there.
 */
const DANGEROUS = /^'*[=+\-@\t\r]/;
const DEFUSED = /^'+[=+\-@\t\r]/;

export function defuse(cell: string): string {
  return DANGEROUS.test(cell) ? `'${cell}` : cell;
}

export function undo(cell: string): string {
  return DEFUSED.test(cell) ? cell.slice(1) : cell;
}
