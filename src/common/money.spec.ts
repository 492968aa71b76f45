import fc from 'fast-check';
import { MAX_MINOR_UNITS, split, toAmount, toMinorUnits } from './money';

describe('money', () => {
  it.each([
    ['0', 0],
    ['19.99', 1999],
    ['19.9', 1990],
    ['0.07', 7],
    ['99999999.99', MAX_MINOR_UNITS],
  ])('reads %s as %d minor units', (amount, minorUnits) => expect(toMinorUnits(amount)).toBe(minorUnits));

  it.each(['', '-1', '1.234', '1e3', '.5', '1,00', '100000000', 'NaN'])('refuses %j', (amount) => {
    expect(() => toMinorUnits(amount)).toThrow(RangeError);
  });

  it.each([-1, 0.5, Number.NaN, MAX_MINOR_UNITS + 1])('does not write %d', (minorUnits) => {
    expect(() => toAmount(minorUnits)).toThrow(RangeError);
  });

  it('reads back whatever it wrote', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: MAX_MINOR_UNITS }), (n) => toMinorUnits(toAmount(n)) === n));
  });

  it('splits without losing or making a cent, each part off by less than one', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_MINOR_UNITS }), weights, (total, shares) => {
        const parts = split(total, shares);
        const sum = shares.reduce((a, b) => a + b, 0);
        expect(parts.reduce((a, b) => a + b, 0)).toBe(total);
        if (sum > 0) {
          parts.forEach((part, i) => expect(Math.abs(part - (total * (shares[i] ?? 0)) / sum)).toBeLessThan(1));
        }
      }),
    );
  });

  it('splits fairly: equal weights differ by one cent at most, a heavier one never gets less, no weight gets nothing', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_MINOR_UNITS }), weights, (total, shares) => {
        fc.pre(shares.some((weight) => weight > 0));
        const parts = split(total, shares);
        for (const [i, a] of shares.entries()) {
          for (const [j, b] of shares.entries()) {
            const more = (parts[i] ?? 0) - (parts[j] ?? 0);
            if (a === b) expect(Math.abs(more)).toBeLessThanOrEqual(1);
            if (a > b) expect(more).toBeGreaterThanOrEqual(0);
          }
          if (a === 0) expect(parts[i]).toBe(0);
        }
      }),
    );
  });

  it('reads every spelling of an amount as the same number of cents', () => {
    fc.assert(
      fc.property(fc.nat(99_999_999), fc.nat(9), (whole, tenth) => {
        expect(toMinorUnits(`${whole}`)).toBe(toMinorUnits(`${whole}.00`));
        expect(toMinorUnits(`${whole}.${tenth}`)).toBe(toMinorUnits(`${whole}.${tenth}0`));
        expect(toAmount(toMinorUnits(`${whole}.${tenth}`))).toBe(`${whole}.${tenth}0`);
      }),
    );
  });
});
