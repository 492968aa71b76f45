import { toMinorUnits } from '../common/money';

export interface ProviderRefund {
  id: string;
  /** Our refund's id. */
  idempotencyKey: string;
  /** Minor units; null when the provider does not say. */
  amount: number | null;
}

export interface ProviderCharge {
  id: string;
  /** Our payment's id. */
  idempotencyKey: string;
  succeeded: boolean;
  /** Minor units. */
  amount: number;
  currency: string;
  failureCode: string | null;
  refunds: ProviderRefund[];
}

/** Whether money was moved; a status that is not here decides nothing. */
const SUCCEEDED: ReadonlyMap<string, boolean> = new Map([
  ['succeeded', true],
  ['partially_refunded', true],
  ['refunded', true],
  ['failed', false],
]);

function valueOf(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  return Object.entries(body).find(([key]) => key === name)?.[1];
}

export function field(body: unknown, name: string): string | null {
  const value = valueOf(body, name);
  return typeof value === 'string' ? value : null;
}

function minorUnitsOf(amount: string): number | null {
  try {
    return toMinorUnits(amount);
  } catch {
    return null;
  }
}

function readRefunds(list: unknown): ProviderRefund[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    const id = field(item, 'id');
    const idempotencyKey = field(item, 'idempotencyKey');
    const amount = minorUnitsOf(field(item, 'amount') ?? '');
    return id !== null && idempotencyKey !== null ? [{ id, idempotencyKey, amount }] : [];
  });
}

/** Reads a charge of the provider, from an answer or a webhook; null when it is none that we understand. */
export function readCharge(body: unknown): ProviderCharge | null {
  const id = field(body, 'id');
  const idempotencyKey = field(body, 'idempotencyKey');
  const currency = field(body, 'currency');
  const succeeded = SUCCEEDED.get(field(body, 'status') ?? '');
  const amount = minorUnitsOf(field(body, 'amount') ?? '');
  if (id === null || idempotencyKey === null || currency === null || succeeded === undefined || amount === null) {
    return null;
  }
  const refunds = readRefunds(valueOf(body, 'refunds'));
  return { id, idempotencyKey, succeeded, amount, currency, failureCode: field(body, 'failureCode'), refunds };
}

/** Minor units of a charge that the provider still holds. */
export function leftOf(charge: ProviderCharge): number {
  return charge.amount - charge.refunds.reduce((sum, { amount }) => sum + (amount ?? 0), 0);
}

/** Just what was to be paid was taken, and the provider still holds all of it. */
export function isAsAgreed(charge: ProviderCharge, wanted: { amount: number; currency: string }): boolean {
  return leftOf(charge) === charge.amount && charge.amount === wanted.amount && charge.currency === wanted.currency;
}
