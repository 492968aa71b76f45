import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { isUUID } from 'class-validator';
import { Webhook } from 'standardwebhooks';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import { Settings } from '../settings/settings';
import { signatureWrong } from './payments.errors';
import { PaymentsService } from './payments.service';
import { readCharge, type ProviderCharge } from './provider-charge.reader';
import { ProviderEventsRepository } from './provider-events.repository';

function readEvent(body: unknown): { id: string; type: string; charge: unknown } | null {
  if (typeof body !== 'object' || body === null) return null;
  if (!('id' in body) || !('type' in body) || !('data' in body)) return null;
  const { id, type, data } = body;
  if (typeof id !== 'string' || typeof type !== 'string' || typeof data !== 'object' || data === null) return null;
  return { id, type, charge: 'charge' in data ? data.charge : null };
}

/** The charge of ours that this message decides, if any. */
function decidedBy({ type, charge: told }: { type: string; charge: unknown }): ProviderCharge | null {
  // A refund's message changes nothing: our own row knows of it from the provider's answer.
  if (type !== 'charge.succeeded' && type !== 'charge.failed') return null;
  const charge = readCharge(told);
  // A charge under another key than our payments' ids was not made by us.
  return charge && isUUID(charge.idempotencyKey) ? charge : null;
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
    const told = readEvent(this.verify(rawBody, headers));
    if (!told) return;
    const event = { provider: 'sandbox', id: told.id, type: told.type, payload: rawBody };
    const charge = decidedBy(told);
    // The provider's answer came before, as it does nearly always.
    if (charge?.succeeded && (await this.events.storeKnown(this.database, event, charge))) return;
    await inTransaction(this.database, async (tx) => {
      if ((await this.events.store(tx, event)) && charge) await this.payments.settleIn(tx, charge);
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
