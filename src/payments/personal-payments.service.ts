import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import { PersonalPaymentsRepository, type KeptPayment } from './personal-payments.repository';

export type { KeptPayment } from './personal-payments.repository';

/** What this room keeps of a person: what they paid with, and why they got it back. */
@Injectable()
export class PersonalPaymentsService {
  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly payments: PersonalPaymentsRepository,
  ) {}

  /** By order. */
  async ofOrders(orderIds: readonly string[]): Promise<Map<string, KeptPayment>> {
    const payments = await this.payments.ofOrders(this.database, orderIds);
    return new Map(payments.map((payment) => [payment.orderId, payment]));
  }

  /** Amounts, states and the provider's ids stay: the books are held against the provider's. Again it changes nothing. */
  async erase(userId: string): Promise<void> {
    await inTransaction(this.database, (tx) => {
      this.payments.erase(tx, userId);
      return Promise.resolve();
    });
  }

  /** Payments that the provider may yet be asked for, at most `limit`. */
  openOf(userId: string, limit: number): Promise<string[]> {
    return this.payments.openOf(this.database, userId, limit);
  }
}
