import fc from 'fast-check';
import { PAYMENT, PAYMENT_STATUSES, type PaymentStatus } from './payment.state';

/** As the design has it; a late success of a failed or voided payment is taken, to be refunded at once. */
const DESIGN = `
  initiated -> charging, voided
  charging -> succeeded, failed, unknown
  unknown -> charging, succeeded, failed
  voided -> succeeded
  failed -> succeeded
  succeeded -> partially_refunded, refunded
  partially_refunded -> partially_refunded, refunded`;

const anyStatus = fc.constantFrom(...PAYMENT_STATUSES);

/** A payment told of anything in any order; what may not be changes nothing. */
function lifeOf(tellings: readonly PaymentStatus[]): PaymentStatus[] {
  const life: PaymentStatus[] = ['initiated'];
  for (const told of tellings) {
    const now = life.at(-1) ?? 'initiated';
    if (PAYMENT.allows(now, told)) life.push(told);
  }
  return life;
}

describe('the payment machine', () => {
  it('is the one of the design', () => {
    const lines = PAYMENT_STATUSES.filter((from) => !PAYMENT.isFinal(from)).map(
      (from) => `${from} -> ${PAYMENT.successorsOf(from).join(', ')}`,
    );
    const designed = DESIGN.split('\n').map((line) => line.trim());
    expect(lines.sort()).toEqual(designed.filter((line) => line !== '').sort());
  });

  it('leaves no final state', () => {
    fc.assert(
      fc.property(fc.array(anyStatus, { maxLength: 40 }), anyStatus, (tellings, later) => {
        expect(PAYMENT.allows('refunded', later)).toBe(false);
        const life = lifeOf(tellings);
        expect([-1, life.length - 1]).toContain(life.indexOf('refunded'));
      }),
    );
  });

  it('never forgets money that was taken: after a success nothing but refunds', () => {
    fc.assert(
      fc.property(fc.array(anyStatus, { maxLength: 40 }), (tellings) => {
        const life = lifeOf(tellings);
        const paidAt = life.indexOf('succeeded');
        const after = paidAt < 0 ? [] : life.slice(paidAt + 1);
        expect(after.filter((status) => status !== 'partially_refunded' && status !== 'refunded')).toEqual([]);
      }),
    );
  });

  it('refunds only what was paid, and is decided only once: a decision is taken back by nothing but a late success', () => {
    fc.assert(
      fc.property(fc.array(anyStatus, { maxLength: 40 }), (tellings) => {
        const life = lifeOf(tellings);
        if (life.some((status) => status.endsWith('refunded'))) expect(life).toContain('succeeded');
        const lost = life.findIndex((status) => status === 'failed' || status === 'voided');
        if (lost >= 0 && lost + 1 < life.length) expect(life[lost + 1]).toBe('succeeded');
      }),
    );
  });
});
