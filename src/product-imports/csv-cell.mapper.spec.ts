import fc from 'fast-check';
import { defuse, undo } from './csv-cell.mapper';

describe('a cell that a spreadsheet would run', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("https://example.com")', "'=1", "''@x"])(
    '%j is harmless in an export',
    (cell) => {
      expect(defuse(cell)).toBe(`'${cell}`);
      expect(undo(defuse(cell))).toBe(cell);
    },
  );

  it.each(['', 'mug', 'a=b', "'quoted'", '1-2', ' =1'])('%j stays as it is', (cell) => {
    expect(defuse(cell)).toBe(cell);
    expect(undo(cell)).toBe(cell);
  });

  it('is what it was after both ways, whatever it is', () => {
    const cell = fc.oneof(fc.string(), fc.stringMatching(/^'{0,3}[=+@\t-]?.{0,5}$/));
    fc.assert(fc.property(cell, (text) => undo(defuse(text)) === text));
  });
});
