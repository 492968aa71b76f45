import { Injectable } from '@nestjs/common';
import { toAmount, toMinorUnits } from '../common/money';
import { Settings } from '../settings/settings';

export interface ProviderCharge {
  id: string;
  /** Our payment's id. */
  idempotencyKey: string;
  succeeded: boolean;
  amount: number;
  failureCode: string | null;
}

export type ChargeAnswer =
  | { outcome: 'charged'; charge: ProviderCharge }
  /** The provider answered, and did not charge: asking again is safe. */
  | { outcome: 'refused_for_now'; detail: string }
  /** No answer: it may have charged or not. */
  | { outcome: 'unknown'; detail: string };

export type RefundAnswer =
  | { outcome: 'refunded'; refundId: string }
  | { outcome: 'rejected'; detail: string }
  | { outcome: 'unknown'; detail: string };

/** Within this time the provider knows a key and charges it once; later it may only be asked. */
export const KEY_MEMORY_HOURS = 23;

function field(body: unknown, name: string): string | null {
  if (typeof body !== 'object' || body === null || !(name in body)) return null;
  const value: unknown = Object.entries(body).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : null;
}

/** Reads a charge of the provider, from an answer or a webhook; null when it is none. */
export function readCharge(body: unknown): ProviderCharge | null {
  const id = field(body, 'id');
  const idempotencyKey = field(body, 'idempotencyKey');
  const status = field(body, 'status');
  const amount = field(body, 'amount');
  if (id === null || idempotencyKey === null || status === null || amount === null) return null;
  return {
    id,
    idempotencyKey,
    succeeded: status !== 'failed',
    amount: toMinorUnits(amount),
    failureCode: field(body, 'failureCode'),
  };
}

/** The sandbox payment provider, over HTTP; it honours idempotency keys. */
@Injectable()
export class SandboxProvider {
  constructor(private readonly settings: Settings) {}

  async charge(payment: {
    id: string;
    orderId: string;
    amount: number;
    currency: string;
    token: string;
  }): Promise<ChargeAnswer> {
    const answer = await this.send('POST', '/charges', payment.id, {
      orderId: payment.orderId,
      amount: toAmount(payment.amount),
      currency: payment.currency,
      token: payment.token,
    });
    if (answer.status === null) return { outcome: 'unknown', detail: answer.detail };
    const charge = answer.status < 300 ? readCharge(answer.body) : null;
    if (charge) return { outcome: 'charged', charge };
    return { outcome: 'refused_for_now', detail: `the provider answered ${answer.status}` };
  }

  /** The charge made under this payment's key, null when there is none; throws when the provider does not say. */
  async findCharge(paymentId: string): Promise<ProviderCharge | null> {
    const answer = await this.send('GET', `/charges?idempotencyKey=${encodeURIComponent(paymentId)}`);
    if (answer.status !== 200 || !Array.isArray(answer.body)) {
      throw new Error(`the provider could not be asked: ${answer.detail}`);
    }
    return answer.body.length > 0 ? readCharge(answer.body[0]) : null;
  }

  async refund(chargeId: string, refundId: string, amount: number): Promise<RefundAnswer> {
    const path = `/charges/${encodeURIComponent(chargeId)}/refunds`;
    const answer = await this.send('POST', path, refundId, { amount: toAmount(amount) });
    if (answer.status === null || answer.status >= 500) return { outcome: 'unknown', detail: answer.detail };
    const id = answer.status < 300 ? field(answer.body, 'id') : null;
    if (id !== null) return { outcome: 'refunded', refundId: id };
    return { outcome: 'rejected', detail: `${answer.status} ${field(answer.body, 'code') ?? ''}`.trim() };
  }

  private async send(
    method: 'GET' | 'POST',
    path: string,
    idempotencyKey?: string,
    body?: object,
  ): Promise<{ status: number | null; body: unknown; detail: string }> {
    try {
      const response = await fetch(new URL(path, this.settings.paymentProviderUrl), {
        method,
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
        },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(this.settings.paymentTimeoutMs),
      });
      const parsed: unknown = await response.json();
      return { status: response.status, body: parsed, detail: String(response.status) };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
      return { status: null, body: null, detail: `${String(error)}${cause}`.slice(0, 250) };
    }
  }
}
