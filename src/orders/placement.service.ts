import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction } from '../database/sql';
import { cartAlreadyOrdered } from './orders.errors';
import { PlacementRepository } from './placement.repository';

export type Placement = { decided: 'now' } | { decided: 'before'; orderId: string } | { decided: 'tombstone' };

/** Decides, once and for ever, whether a checkout becomes an order. */
@Injectable()
export class PlacementService {
  constructor(
    @InjectDataSource('orders') private readonly orders: DataSource,
    private readonly placements: PlacementRepository,
  ) {}

  /** One order for a checkout, one live order for a cart version, whatever keys the requests carried. */
  async place(
    tx: EntityManager,
    checkout: { id: string; orderId: string; cartId: string; cartVersion: number },
  ): Promise<Placement> {
    if (await this.placements.insertLive(tx, { ...checkout, checkoutId: checkout.id })) return { decided: 'now' };
    const placement = await this.placements.find(tx, checkout.id);
    if (!placement) throw cartAlreadyOrdered();
    return placement.status === 'tombstone'
      ? { decided: 'tombstone' }
      : { decided: 'before', orderId: placement.order_id };
  }

  /** Those of these checkouts that no order was made of. */
  async neverPlaced<T extends { id: string }>(checkouts: readonly T[]): Promise<T[]> {
    if (checkouts.length === 0) return [];
    const placed = new Set(
      await this.placements.placedOf(
        this.orders,
        checkouts.map(({ id }) => id),
      ),
    );
    return checkouts.filter(({ id }) => !placed.has(id));
  }

  /** Writes that the checkout never becomes an order. False when it already did. */
  async bury(checkout: { checkoutId: string; orderId: string }): Promise<boolean> {
    return inTransaction(this.orders, async (tx) => {
      await this.placements.insertTombstone(tx, checkout.checkoutId, checkout.orderId);
      const placement = await this.placements.find(tx, checkout.checkoutId);
      return placement?.status === 'tombstone';
    });
  }
}
