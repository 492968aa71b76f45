/**
 * Money is an integer count of minor units (cents) in code, DECIMAL(10,2) in PostgreSQL, a decimal string on the wire.
 * No floating point ever touches it.
 */
export const SHOP_CURRENCY = 'USD';

/** The largest amount DECIMAL(10,2) holds, in minor units. */
export const MAX_MINOR_UNITS = 9_999_999_999;

const AMOUNT = /^(\d{1,8})(?:\.(\d{1,2}))?$/;

/** Reads `"19.99"` (or PostgreSQL's numeric text) as 1999. Throws RangeError on anything that is not an amount. */
export function toMinorUnits(amount: string): number {
  const match = AMOUNT.exec(amount);
  if (!match) throw new RangeError(`not an amount of money: ${JSON.stringify(amount)}`);
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

/** Writes 1999 as `"19.99"`. Throws RangeError on a fraction, a negative or more than DECIMAL(10,2) holds. */
export function toAmount(minorUnits: number): string {
  if (!Number.isSafeInteger(minorUnits) || minorUnits < 0 || minorUnits > MAX_MINOR_UNITS) {
    throw new RangeError(`not an amount in minor units: ${minorUnits}`);
  }
  return `${Math.trunc(minorUnits / 100)}.${String(minorUnits % 100).padStart(2, '0')}`;
}

/**
 * Splits `total` in proportion to `weights` by the largest-remainder rule: the parts always add up to `total`,
 * and none is off by more than one unit. Without any weight the first part takes all.
 */
export function split(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum === 0) return weights.map((_, i) => (i === 0 ? total : 0));
  // BigInt: total * weight may pass 2^53.
  const shares = weights.map((weight, index) => {
    const product = BigInt(total) * BigInt(weight);
    return { index, part: Number(product / BigInt(sum)), remainder: product % BigInt(sum) };
  });
  let left = total - shares.reduce((a, share) => a + share.part, 0);
  const parts = shares.map((share) => share.part);
  const byRemainder = [...shares].sort((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  );
  for (const share of byRemainder) {
    if (left === 0) break;
    parts[share.index] = share.part + 1;
    left -= 1;
  }
  return parts;
}
