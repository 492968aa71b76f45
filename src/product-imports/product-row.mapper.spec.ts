import { isFailure } from './import.types';
import { readRow } from './product-row.mapper';

const failureOf = (sku: string) => {
  const read = readRow(['sku'], [2, [sku]]);
  return isFailure(read) ? read : null;
};

describe('the SKU of a row that is wrong', () => {
  it('is told up to the hundred characters that are kept of it', () => {
    expect(failureOf('x'.repeat(101))).toMatchObject({ field: 'sku', sku: 'x'.repeat(100) });
  });

  it.each([0, 1])('has no half character where it is cut (%i before)', (before) => {
    const sku = `${'x'.repeat(before)}${'😀'.repeat(60)}`;
    const told = failureOf(sku)?.sku ?? '';
    expect(told).not.toMatch(/\p{Cs}/u);
    expect(sku.startsWith(told)).toBe(true);
    expect(told.length).toBeGreaterThan(98);
  });
});
