import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CartService } from '../cart/cart.service';
import { AppError } from '../common/app-error';
import { MoneyDto } from '../common/money.dto';
import { inTransaction } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { OrderDto } from '../orders/dto/order.dto';
import { OrdersService } from '../orders/orders.service';
import { PlacementService } from '../orders/placement.service';
import { PaymentsService } from '../payments/payments.service';
import { checkoutExpired, checkoutUsed } from './checkout.errors';
import { CheckoutService } from './checkout.service';
import type { PlaceOrderDto } from './dto/checkout.dto';

/** A request that claimed a checkout has this long to place it before the reaper gives the stock back. */
const CLAIM_TO_PLACE_SECONDS = 60;
const REAP_BATCH = 100;
/** Refusals that stay: such a checkout never becomes an order, whatever key or payment comes next. */
const FOR_GOOD: ReadonlySet<string> = new Set(['order.cart_already_ordered', 'payment.nothing_to_pay']);

/** The story of placing an order, over three databases; see this room's README. */
@Injectable()
export class PlaceOrderService {
  private readonly logger = new Logger(PlaceOrderService.name);

  constructor(
    @InjectDataSource('orders') private readonly ordersDatabase: DataSource,
    private readonly checkouts: CheckoutService,
    private readonly placements: PlacementService,
    private readonly orders: OrdersService,
    private readonly payments: PaymentsService,
    private readonly cart: CartService,
    private readonly idempotency: Idempotency,
  ) {}

  async place(userId: string, wish: PlaceOrderDto, request: IdempotentRequest): Promise<Outcome<OrderDto>> {
    // 1. The key first: the checkout of an order placed before is claimed by now, and the cart empty.
    const known = await this.idempotency.find<OrderDto>(this.ordersDatabase, request);
    if (known) return { body: known, replayed: true };

    // 2. products database: the hold becomes a claim that no clock frees.
    const expectedTotal = wish.expectedTotal ? MoneyDto.minorUnits(wish.expectedTotal) : null;
    const checkout = await this.checkouts.claim(userId, wish.checkoutId, expectedTotal);

    // 3. orders database: placement, order, items, payment and their events, together with the key's answer.
    const outcome = await inTransaction(this.ordersDatabase, (tx) =>
      this.idempotency.once(tx, request, async () => {
        const placement = await this.placements.place(tx, checkout);
        if (placement.decided === 'tombstone') throw checkoutExpired();
        if (placement.decided === 'before') throw checkoutUsed(placement.orderId);
        const payment = this.payments.prepare({
          orderId: checkout.orderId,
          userId,
          ...wish.payment,
          totals: checkout.totals,
        });
        const order = await this.orders.place(tx, { ...checkout, paymentId: payment.id });
        this.payments.initiate(tx, payment);
        return OrderDto.of(order);
      }),
    ).catch(async (error: unknown) => {
      if (error instanceof AppError && FOR_GOOD.has(error.code)) await this.giveUp(checkout);
      throw error;
    });

    // 4. users database: the ordered lines leave the cart; if this fails, the cart listener does it.
    await this.cart
      .removeOrdered({ checkoutId: checkout.id, userId, items: checkout.lines })
      .catch((error: unknown) => this.logger.warn(`the cart is cleared later: ${String(error)}`));
    return outcome;
  }

  /**
   * Claims whose placement never came (a crash between two databases): a tombstone placement first, then the release.
   * Whoever inserts the placement first wins, so a slow request can not place what was given back.
   */
  async reapUnplaced(): Promise<number> {
    let reaped = 0;
    let after: string | null = null;
    for (;;) {
      const claimed = await this.checkouts.longClaimed(CLAIM_TO_PLACE_SECONDS, after, REAP_BATCH);
      for (const checkout of await this.placements.neverPlaced(claimed)) {
        if (await this.bury(checkout)) reaped += 1;
      }
      after = claimed.at(-1)?.id ?? null;
      if (claimed.length < REAP_BATCH) return reaped;
    }
  }

  /** The stock of a checkout that was refused for good is free at once; what fails here, the reaper does. */
  private async giveUp(checkout: { id: string; orderId: string }): Promise<void> {
    await this.bury(checkout).catch((error: unknown) =>
      this.logger.warn(`checkout ${checkout.id} is given back by the reaper: ${String(error)}`),
    );
  }

  /** The tombstone first, then the stock. False when the checkout became an order after all. */
  private async bury(checkout: { id: string; orderId: string }): Promise<boolean> {
    if (!(await this.placements.bury({ checkoutId: checkout.id, orderId: checkout.orderId }))) return false;
    await this.checkouts.releaseUnplaced(checkout.id);
    return true;
  }
}
