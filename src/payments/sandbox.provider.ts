import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { request as httpRequest } from 'undici';
import { toAmount } from '../common/money';
import { Settings } from '../settings/settings';
import { field, readCharge, type ProviderCharge } from './provider-charge.reader';
import { ProviderCircuit } from './provider-circuit.policy';

export type ChargeAnswer =
  | { outcome: 'charged'; charge: ProviderCharge }
  /** The provider answered, and did not charge: asking again is safe. */
  | { outcome: 'refused_for_now'; detail: string }
  /** It never will charge this. */
  | { outcome: 'rejected'; failureCode: string }
  /** No answer, or none that we can read: it may have charged or not. */
  | { outcome: 'unknown'; detail: string };

export type RefundAnswer =
  | { outcome: 'refunded'; refundId: string }
  | { outcome: 'rejected'; detail: string }
  | { outcome: 'unknown'; detail: string };

export interface ChargePage {
  charges: ProviderCharge[];
  /** Where the next page begins, with charges of this page again; null after the last. */
  next: string | null;
}

/** As many as the provider gives at once. */
const PAGE_SIZE = 1_000;

/** Within this time the provider knows a key and charges it once; later it may only be asked. */
export const KEY_MEMORY_HOURS = 23;

/** A server that closes has 10 s; a call still under way then ends as unknown, in time to be written down. */
const CALLS_END_WITHIN_MS = 6_000;

/** A question changes nothing and is answered from the provider's books: longer it is not waited for. */
const LOOKUP_WITHIN_MS = 3_000;

/** 4xx that speak of the moment or of our credentials, not of the request: the same may pass later. */
const REFUSED_FOR_NOW = new Set([401, 403, 408, 409, 425, 429]);

function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && !REFUSED_FOR_NOW.has(status);
}

/** The sandbox payment provider, over HTTP; it honours idempotency keys. */
@Injectable()
export class SandboxProvider implements OnModuleDestroy {
  private readonly calls = new Set<AbortController>();
  private closed = false;

  constructor(
    private readonly settings: Settings,
    private readonly circuit: ProviderCircuit,
  ) {}

  onModuleDestroy(): void {
    setTimeout(() => {
      this.closed = true;
      for (const call of this.calls) call.abort(new Error('the server closes'));
    }, CALLS_END_WITHIN_MS).unref();
  }

  /**
   * Whether there is any use in calling the provider now. While its circuit is open: no; and when it is time to try
   * again, one question that changes nothing is the probe, so that no payment is leased and tried in vain.
   */
  async answers(): Promise<boolean> {
    if (this.circuit.closed) return true;
    const { status } = await this.send('GET', '/charges?limit=1');
    return status !== null && status < 500;
  }

  async charge(payment: {
    id: string;
    orderId: string;
    amount: number;
    currency: string;
    token: string;
  }): Promise<ChargeAnswer> {
    const { status, body, detail } = await this.send('POST', '/charges', payment.id, {
      orderId: payment.orderId,
      amount: toAmount(payment.amount),
      currency: payment.currency,
      token: payment.token,
    });
    if (status === null) return { outcome: 'unknown', detail };
    if (status < 400) {
      const charge = readCharge(body);
      return charge ? { outcome: 'charged', charge } : { outcome: 'unknown', detail: `${status} without a charge` };
    }
    // No such route: our address of the provider is wrong, which no customer should pay for.
    if (!isFinal(status) || status === 404) {
      return { outcome: 'refused_for_now', detail: `the provider answered ${status}` };
    }
    return { outcome: 'rejected', failureCode: field(body, 'code') ?? 'provider_rejected' };
  }

  /** The charge made under this payment's key, null when there is none; throws when the provider does not say. */
  async findCharge(paymentId: string): Promise<ProviderCharge | null> {
    const { charges, unreadable } = await this.chargesOf(paymentId);
    // There is one, in a state we do not know: not the same as none.
    if (unreadable > 0) throw new Error('the provider lists a charge that cannot be read');
    return charges[0] ?? null;
  }

  /** All charges under one key; throws when the provider does not say. */
  async chargesOf(key: string): Promise<{ charges: ProviderCharge[]; unreadable: number }> {
    const listed = await this.ask(`/charges?idempotencyKey=${encodeURIComponent(key)}`);
    const charges = listed.map(readCharge).filter((charge) => charge !== null);
    return { charges, unreadable: listed.length - charges.length };
  }

  /** A page of the provider's books, oldest first, from an ISO time on; throws when it does not say. */
  async chargesSince(since: string): Promise<ChargePage> {
    const listed = await this.ask(`/charges?since=${encodeURIComponent(since)}&limit=${PAGE_SIZE}`);
    const charges = listed.map(readCharge).filter((charge) => charge !== null);
    return { charges, next: listed.length < PAGE_SIZE ? null : field(listed.at(-1), 'createdAt') };
  }

  private async ask(path: string): Promise<unknown[]> {
    const answer = await this.send('GET', path);
    if (answer.status !== 200 || !Array.isArray(answer.body)) {
      throw new Error(`the provider could not be asked: ${answer.detail}`);
    }
    const listed: unknown[] = answer.body;
    return listed;
  }

  async refund(chargeId: string, refundId: string, amount: number): Promise<RefundAnswer> {
    const path = `/charges/${encodeURIComponent(chargeId)}/refunds`;
    const { status, body, detail } = await this.send('POST', path, refundId, { amount: toAmount(amount) });
    const id = status !== null && status < 300 ? field(body, 'id') : null;
    if (id !== null) return { outcome: 'refunded', refundId: id };
    if (status === null || !isFinal(status)) return { outcome: 'unknown', detail };
    // Only of a charge it does not know: any other 404 is our address of the provider, or a proxy's page.
    if (status === 404 && field(body, 'code') !== 'charge_not_found') return { outcome: 'unknown', detail };
    return { outcome: 'rejected', detail: `${status} ${field(body, 'code') ?? ''}`.trim() };
  }

  /** Where the circuit is open nothing is sent, and the answer is none. */
  private async send(
    method: 'GET' | 'POST',
    path: string,
    idempotencyKey?: string,
    body?: object,
  ): Promise<{ status: number | null; body: unknown; detail: string }> {
    const asks = method === 'GET';
    try {
      const answer = await this.circuit.call({
        withinMs: asks ? Math.min(LOOKUP_WITHIN_MS, this.settings.paymentTimeoutMs) : this.settings.paymentTimeoutMs,
        silenceSpeaksOf: asks ? 'provider' : 'this call',
        run: (signal) => this.fetch(signal, { method, path, idempotencyKey, body }),
      });
      return { ...answer, detail: String(answer.status) };
    } catch (error) {
      if (ProviderCircuit.refused(error)) return { status: null, body: null, detail: 'not sent: the provider is down' };
      const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
      return { status: null, body: null, detail: `${String(error)}${cause}`.slice(0, 250) };
    }
  }

  private async fetch(
    timedOut: AbortSignal,
    request: { method: 'GET' | 'POST'; path: string; idempotencyKey?: string; body?: object },
  ): Promise<{ status: number; body: unknown }> {
    if (this.closed) throw new Error('the server closes');
    const call = new AbortController();
    this.calls.add(call);
    try {
      timedOut.addEventListener('abort', () => call.abort(timedOut.reason), { once: true });
      // A third of what Node's fetch costs, which is undici's as well.
      const { statusCode: status, body: answer } = await httpRequest(
        new URL(request.path, this.settings.paymentProviderUrl),
        {
          method: request.method,
          headers: {
            ...(request.body ? { 'content-type': 'application/json' } : {}),
            ...(request.idempotencyKey ? { 'idempotency-key': request.idempotencyKey } : {}),
          },
          body: request.body ? JSON.stringify(request.body) : null,
          signal: call.signal,
        },
      );
      const body: unknown = await answer.json().catch((error: unknown) => {
        // A refusal is one without a body too (a proxy's 502 is a page); a success that broke off is not known.
        if (status >= 400) return null;
        throw error;
      });
      return { status, body };
    } finally {
      this.calls.delete(call);
    }
  }
}
