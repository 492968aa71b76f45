import type { KeptSale } from '../analytics/personal-analytics.service';
import type { AuditRecord } from '../audit/audit-reading.service';
import type { KeptSession } from '../auth/personal-access.service';
import type { KeptCheckout } from '../checkout/personal-checkouts.service';
import { MoneyDto } from '../common/money.dto';
import { toMinorUnits } from '../common/money';
import type { TimelineEntry } from '../history/timeline.service';
import type { KeptMessage } from '../notifications/personal-messages.service';
import type { KeptPayment } from '../payments/personal-payments.service';
import type {
  ExportedCheckoutDto,
  ExportedEventDto,
  ExportedMessageDto,
  ExportedPaymentDto,
  ExportedSaleDto,
  ExportedSessionDto,
  ExportedStaffActionDto,
} from './dto/export.dto';

const money = (amount: string, currency: string): MoneyDto => MoneyDto.of(toMinorUnits(amount), currency);
const time = (at: Date | null): string | null => at?.toISOString() ?? null;

export function sessionOf(session: KeptSession): ExportedSessionDto {
  return {
    id: session.id,
    createdAt: session.createdAt.toISOString(),
    lastUsedAt: session.lastUsedAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
    endedAt: time(session.endedAt),
    userAgent: session.userAgent,
    ipPrefix: session.ipPrefix,
  };
}

export function checkoutOf({ lines, currency, totalAmount, ...checkout }: KeptCheckout): ExportedCheckoutDto {
  return {
    ...checkout,
    lines: lines.map((line) => ({ ...line, unitPrice: MoneyDto.of(line.unitPrice, currency) })),
    total: money(totalAmount, currency),
    createdAt: checkout.createdAt.toISOString(),
  };
}

export function paymentOf(payment: KeptPayment): ExportedPaymentDto {
  const { id, provider, status, chargeId, failureCode, currency } = payment;
  return {
    id,
    provider,
    status,
    amount: money(payment.amount, currency),
    refunded: money(payment.refundedAmount, currency),
    chargeId,
    failureCode,
    createdAt: payment.createdAt.toISOString(),
    refunds: payment.refunds.map((refund) => ({
      ...refund,
      amount: money(refund.amount, currency),
      createdAt: new Date(refund.createdAt).toISOString(),
    })),
  };
}

export function eventOf({ id, type, at, detail }: TimelineEntry): ExportedEventDto {
  return { id, type, at: at.toISOString(), detail };
}

export function staffActionOf({ action, at, before, after }: AuditRecord): ExportedStaffActionDto {
  return { action, at: at.toISOString(), before, after };
}

export function messageOf(message: KeptMessage): ExportedMessageDto {
  return { ...message, createdAt: message.createdAt.toISOString(), sentAt: time(message.sentAt) };
}

export function saleOf({ id, type, at, orderId, amount, currency }: KeptSale): ExportedSaleDto {
  return { id, type, at: at.toISOString(), orderId, amount: money(amount, currency) };
}
