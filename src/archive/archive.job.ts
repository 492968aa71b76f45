import { Injectable, Logger } from '@nestjs/common';
import { Types } from 'mongoose';
import { toAmount } from '../common/money';
import { isInfrastructureError } from '../database/infrastructure-error';
import { ArchiveService, type ArchivedOrder } from '../history/archive.service';
import { OrderArchivingService, type OrderRecord } from '../orders/order-archiving.service';

import { Settings } from '../settings/settings';

/** An order stays in both stores longer than a backup may be old (24 h): no restore finds it in neither. */
export const DELETE_AFTER_HOURS = 48;
const BATCH = 100;

function toDocument(order: OrderRecord): ArchivedOrder {
  const decimal = (minorUnits: number): Types.Decimal128 => Types.Decimal128.fromString(toAmount(minorUnits));
  return {
    order_id: order.id,
    number: order.number,
    user_id: order.userId,
    total_amount: decimal(order.totals.total),
    subtotal_amount: decimal(order.totals.subtotal),
    discount_amount: decimal(order.totals.discount),
    shipping_amount: decimal(order.totals.shipping),
    tax_amount: decimal(order.totals.tax),
    currency: order.totals.currency,
    status: order.status,
    items: order.items.map((item) => ({
      product_id: item.productId,
      sku: item.sku,
      name: item.name,
      quantity: item.quantity,
      price: decimal(item.unitPrice),
    })),
    shipping_address: order.shippingAddress,
    shipping_method: order.shippingMethod,
    checkout_id: order.checkoutId,
    payment_id: order.payment.id,
    cancel_reason: order.cancelReason,
    cancel_note: order.cancelNote,
    version: order.version,
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    completed_at: order.completedAt ?? order.updatedAt,
    shipment: order.shipment
      ? { shipped_at: order.shipment.shippedAt, delivered_at: order.shipment.deliveredAt }
      : null,
    metadata: {
      payment_method: order.payment.provider,
      shipping_carrier: order.shipment?.carrier ?? null,
      tracking_number: order.shipment?.trackingNumber ?? null,
    },
  };
}

/** Moves orders that finished long enough ago to MongoDB: copied first, deleted two days later if nothing changed. */
@Injectable()
export class ArchiveJob {
  private readonly logger = new Logger(ArchiveJob.name);

  constructor(
    private readonly orders: OrderArchivingService,
    private readonly archive: ArchiveService,
    private readonly settings: Settings,
  ) {}

  /** Any number of workers may run it: a copy replaces an older copy, and the deletion names the version copied. */
  async run(): Promise<{ copied: number; deleted: number }> {
    return { copied: await this.copyDue(), deleted: await this.deleteCopied() };
  }

  private async copyDue(): Promise<number> {
    let copied = 0;
    let after: string | null = null;
    for (;;) {
      const due = await this.orders.due(this.settings.archiveAfterDays, after, BATCH);
      for (const order of due) {
        if (await this.copy(order)) copied += 1;
      }
      after = due.at(-1)?.id ?? null;
      if (due.length < BATCH) return copied;
    }
  }

  private async copy(order: OrderRecord): Promise<boolean> {
    try {
      await this.archive.store(toDocument(order));
      await this.orders.markArchived(order.id, order.version);
      return true;
    } catch (error) {
      if (isInfrastructureError(error)) throw error;
      this.logger.error(`order ${order.id} cannot be archived: ${String(error)}`);
      return false;
    }
  }

  /** PostgreSQL's row goes only after MongoDB was seen to hold that version now, not only to have taken it once. */
  private async deleteCopied(): Promise<number> {
    let deleted = 0;
    for (;;) {
      const copied = await this.orders.copied(DELETE_AFTER_HOURS, BATCH);
      const versions = await this.archive.versions(copied.map((order) => order.id));
      for (const { id, version } of copied) {
        if (versions.get(id) === version) {
          await this.orders.remove(id, version);
          deleted += 1;
        } else {
          await this.orders.forgetCopy(id);
        }
      }
      if (copied.length < BATCH) return deleted;
    }
  }
}
