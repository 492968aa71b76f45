import { PAYMENT, type PaymentStatus } from './payment.state';
import { leftOf, type ProviderCharge } from './provider-charge.reader';
import type { RefundStatus } from './refund.state';

export interface OwnRefund {
  id: string;
  /** Minor units. */
  amount: number;
  reason: string;
  status: RefundStatus;
}

export interface OwnPayment {
  id: string;
  orderId: string;
  chargeId: string | null;
  /** Minor units. */
  amount: number;
  currency: string;
  status: PaymentStatus;
  refunds: OwnRefund[];
}

export const CASE_KINDS = [
  'charge_unknown',
  'charge_missing',
  'charge_unreadable',
  'charged_twice',
  'charged_otherwise',
  'refund_unknown',
  'refund_missing',
  'refund_otherwise',
] as const;

/** What only people can put right. */
export interface ReconciliationCase {
  kind: (typeof CASE_KINDS)[number];
  paymentId: string | null;
  orderId: string | null;
  chargeId: string | null;
  detail: string;
}

/** What the provider knows and we have missed. */
export type Heal =
  | { kind: 'charge'; charge: ProviderCharge }
  | { kind: 'refund'; payment: OwnPayment; refund: OwnRefund; providerRefundId: string };

export interface Differences {
  heals: Heal[];
  cases: ReconciliationCase[];
}

const TAKEN: ReadonlySet<PaymentStatus> = new Set(['succeeded', 'partially_refunded', 'refunded']);

/** Compares a payment (null: there is none under this key) with all that the provider has under its key. */
export function differences(ours: OwnPayment | null, charges: readonly ProviderCharge[], unreadable = 0): Differences {
  const held = charges.filter((charge) => charge.succeeded && leftOf(charge) > 0);
  if (!ours) return { heals: [], cases: held.map((charge) => caseOf('charge_unknown', null, charge, 'no payment')) };
  if (unreadable > 0) {
    const known = TAKEN.has(ours.status);
    return { heals: [], cases: known ? [caseOf('charge_unreadable', ours, null, 'in a state we do not know')] : [] };
  }
  const counted = TAKEN.has(ours.status)
    ? charges.find(({ id, succeeded }) => succeeded && id === ours.chargeId)
    : (charges.find(({ succeeded }) => succeeded) ?? charges[0]);
  const twice = held
    .filter((charge) => charge !== counted)
    .map((charge) => caseOf('charged_twice', ours, charge, 'beside the one that counts'));
  if (!TAKEN.has(ours.status)) {
    const decides = counted !== undefined && PAYMENT.allows(ours.status, counted.succeeded ? 'succeeded' : 'failed');
    return { heals: decides ? [{ kind: 'charge', charge: counted }] : [], cases: twice };
  }
  if (!counted) {
    return { heals: [], cases: [caseOf('charge_missing', ours, null, `ours is ${ours.status}`), ...twice] };
  }
  const { heals, cases } = refundDifferences(ours, counted);
  return { heals, cases: [...twice, ...amountCase(ours, counted), ...cases] };
}

/** Such a charge ends its order and is given back; what the provider keeps of it after all is a case. */
function amountCase(ours: OwnPayment, charge: ProviderCharge): ReconciliationCase[] {
  if (charge.amount === ours.amount && charge.currency === ours.currency) return [];
  const underWay = ours.refunds.some(({ status }) => status === 'requested' || status === 'sending');
  if (underWay || leftOf(charge) <= 0) return [];
  const detail = `${charge.amount} ${charge.currency} instead of ${ours.amount} ${ours.currency} (cents)`;
  return [caseOf('charged_otherwise', ours, charge, detail)];
}

function refundDifferences(ours: OwnPayment, charge: ProviderCharge): Differences {
  const found: Differences = { heals: [], cases: [] };
  for (const { id, idempotencyKey, amount } of charge.refunds) {
    const own = ours.refunds.find((refund) => refund.id === idempotencyKey);
    if (!own) {
      found.cases.push(caseOf('refund_unknown', ours, charge, `refund ${id} is none of ours`));
    } else if (own.status === 'failed' || (amount !== null && amount !== own.amount)) {
      const detail = `refund ${own.id} is ${own.amount} and ${own.status} here, ${amount ?? 'made'} there (cents)`;
      found.cases.push(caseOf('refund_otherwise', ours, charge, detail));
    } else if (own.status === 'sending') {
      found.heals.push({ kind: 'refund', payment: ours, refund: own, providerRefundId: id });
    }
  }
  const there = new Set(charge.refunds.map(({ idempotencyKey }) => idempotencyKey));
  for (const { id, status } of ours.refunds) {
    if (status !== 'succeeded' || there.has(id)) continue;
    found.cases.push(caseOf('refund_missing', ours, charge, `refund ${id} is not in the provider's books`));
  }
  return found;
}

function caseOf(
  kind: ReconciliationCase['kind'],
  ours: OwnPayment | null,
  charge: ProviderCharge | null,
  detail: string,
): ReconciliationCase {
  return {
    kind,
    paymentId: ours?.id ?? null,
    orderId: ours?.orderId ?? null,
    chargeId: charge?.id ?? ours?.chargeId ?? null,
    detail,
  };
}
