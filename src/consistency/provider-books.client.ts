import { Injectable } from '@nestjs/common';
import { toMinorUnits } from '../common/money';
import { UnavailableError } from '../common/app-error';
import { Settings } from '../settings/settings';

/** One charge as the provider's own books have it; amounts in minor units. */
export interface BookedCharge {
  id: string;
  orderId: string;
  succeeded: boolean;
  amount: number;
  refunded: number;
  createdAt: string;
}

/** The longest list the provider gives. */
export const LISTED = 1_000;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function readCharge(item: unknown): BookedCharge[] {
  if (!isRecord(item)) return [];
  const refunds = Array.isArray(item['refunds']) ? item['refunds'].filter(isRecord) : [];
  return [
    {
      id: text(item['id']),
      orderId: text(item['orderId']),
      succeeded: item['status'] !== 'failed',
      amount: toMinorUnits(text(item['amount'])),
      refunded: refunds.reduce((sum, refund) => sum + toMinorUnits(text(refund['amount'])), 0),
      createdAt: text(item['createdAt']),
    },
  ];
}

/** Reads the payment provider's books: not by the code that writes them, whose mistakes it is to find. */
@Injectable()
export class ProviderBooksClient {
  constructor(private readonly settings: Settings) {}

  /** Charges from a time on, oldest first; at most LISTED. */
  since(time: string): Promise<BookedCharge[]> {
    return this.list(new URLSearchParams({ since: time, limit: String(LISTED) }));
  }

  /** Every charge made for an order. */
  ofOrder(orderId: string): Promise<BookedCharge[]> {
    return this.list(new URLSearchParams({ orderId }));
  }

  /** Throws while the provider does not answer. */
  async ping(): Promise<void> {
    await this.list(new URLSearchParams({ limit: '1' }));
  }

  private async list(query: URLSearchParams): Promise<BookedCharge[]> {
    const url = new URL(`/charges?${query.toString()}`, this.settings.paymentProviderUrl);
    const response = await fetch(url, { signal: AbortSignal.timeout(this.settings.paymentTimeoutMs) }).catch(
      () => null,
    );
    const body: unknown = response?.ok ? await response.json().catch(() => null) : null;
    if (!Array.isArray(body)) throw new UnavailableError('The payment provider');
    return body.flatMap(readCharge);
  }
}
