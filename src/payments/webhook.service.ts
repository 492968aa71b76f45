import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { isUUID } from 'class-validator';
import { Webhook } from 'standardwebhooks';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import { Settings } from '../settings/settings';
import { signatureWrong } from './payments.errors';
import { PaymentsService } from './payments.service';
import { readCharge } from './provider-charge.reader';
import { ProviderEventsRepository } from './provider-events.repository';

interface ProviderEvent {
  id: string;
  type: string;
  charge: unknown;
}

function readEvent(body: unknown): ProviderEvent | null {
  if (typeof body !== 'object' || body === null) return null;
  if (!('id' in body) || !('type' in body) || !('data' in body)) return null;
  const { id, type, data } = body;
  if (typeof id !== 'string' || typeof type !== 'string' || typeof data !== 'object' || data === null) return null;
  return { id, type, charge: 'charge' in data ? data.charge : null };
}

/** Verifies the provider's messages and applies each once, in whatever order they come. */
@Injectable()
export class WebhookService {
  private readonly verifier: Webhook;

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly events: ProviderEventsRepository,
    private readonly payments: PaymentsService,
    settings: Settings,
  ) {
    this.verifier = new Webhook(settings.paymentWebhookSecret);
  }

  async take(rawBody: string, headers: Record<string, string>): Promise<void> {
    const event = readEvent(this.verify(rawBody, headers));
    if (!event) return;
    await inTransaction(this.database, async (tx) => {
      if (!(await this.events.store(tx, 'sandbox', event.id, event.type, rawBody))) return;
      const charge = readCharge(event.charge);
      // A refund's message changes nothing: our own row knows of it from the provider's answer.
      const decides = event.type === 'charge.succeeded' || event.type === 'charge.failed';
      // A charge under another key than our payments' ids was not made by us.
      if (charge && decides && isUUID(charge.idempotencyKey)) await this.payments.settleIn(tx, charge);
    });
  }

  private verify(rawBody: string, headers: Record<string, string>): unknown {
    try {
      return this.verifier.verify(rawBody, headers);
    } catch {
      throw signatureWrong();
    }
  }
}
