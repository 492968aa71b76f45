import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Semaphore, withTimeout } from 'async-mutex';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { CartService } from '../cart/cart.service';
import { UnavailableError } from '../common/app-error';
import { MAX_MINOR_UNITS, SHOP_CURRENCY } from '../common/money';
import type { Totals } from '../common/totals.dto';
import { isInfrastructureError } from '../database/infrastructure-error';
import { inTransaction } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { ReservationService, type StockLevel } from '../inventory/reservation.service';
import { TransitionMetrics } from '../observability/transition-metrics';
import { ProductsService, type ProductCard } from '../products/products.service';
import { Settings } from '../settings/settings';
import { AddressesService } from '../users/addresses.service';
import {
  cartEmpty,
  checkoutExpired,
  checkoutNotFound,
  checkoutUsed,
  productsGone,
  totalChanged,
  totalTooLarge,
} from './checkout.errors';
import {
  CheckoutRepository,
  type CheckoutLine,
  type CheckoutRecord,
  type ShippingAddress,
} from './checkout.repository';
import { CHECKOUT, type CheckoutStatus } from './checkout.state';
import { CheckoutDto } from './dto/checkout.dto';

/**
 * In one process. When all want the same product, more at once would only wait for its row, each with a connection in
 * hand that others need.
 */
const HOLDS_AT_ONCE = 2;
const TURN_WITHIN_MS = 25_000;

function totalsOf(lines: readonly CheckoutLine[]): Totals {
  const subtotal = lines.reduce((sum, line) => sum + line.unitPrice * line.quantity, 0);
  return { subtotal, discount: 0, shipping: 0, tax: 0, total: subtotal, currency: SHOP_CURRENCY };
}

/** At the prices that were read in this transaction, never from a cache; all must be on sale. */
function priced(
  items: readonly { productId: string; quantity: number }[],
  products: readonly ProductCard[],
): CheckoutLine[] {
  const byId = new Map(products.map((product) => [product.id, product]));
  const gone = items.filter(({ productId }) => !byId.has(productId));
  if (gone.length > 0) throw productsGone(gone.map(({ productId }) => productId));
  return items.flatMap(({ productId, quantity }) => {
    const product = byId.get(productId);
    return product ? [{ productId, sku: product.sku, name: product.name, unitPrice: product.unitPrice, quantity }] : [];
  });
}

/** Turns a cart into priced lines with stock held for them, and gives holds back. */
@Injectable()
export class CheckoutService {
  private readonly logger = new Logger(CheckoutService.name);
  private readonly turns = withTimeout(new Semaphore(HOLDS_AT_ONCE), TURN_WITHIN_MS, new UnavailableError('Checkout'));

  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly checkouts: CheckoutRepository,
    private readonly cart: CartService,
    private readonly catalogue: ProductsService,
    private readonly addresses: AddressesService,
    private readonly reservations: ReservationService,
    private readonly idempotency: Idempotency,
    private readonly transitions: TransitionMetrics,
    private readonly settings: Settings,
  ) {}

  /** Holds everything in the cart for the customer, or nothing; the customer's open checkout is released first. */
  async create(
    userId: string,
    delivery: { shippingAddressId: string; shippingMethod: string },
    request: IdempotentRequest,
  ): Promise<Outcome<CheckoutDto>> {
    // Sent again when its order is placed and the cart is empty.
    const wish = await this.wish(userId, delivery.shippingAddressId).catch((error: unknown) =>
      this.firstAnswer(request, error),
    );
    if ('replayed' in wish) return wish;
    const { cart, shippingAddress } = wish;

    let levels: StockLevel[] = [];
    const givenBack: string[] = [];
    const work = (tx: EntityManager) =>
      this.idempotency.once(tx, request, async () => {
        // In one write; the customer's turn comes first, and the others wait for it.
        const [, products, open] = await Promise.all([
          this.checkouts.takeCustomersTurn(tx, userId),
          this.catalogue.onSale(
            tx,
            cart.items.map((item) => item.productId),
          ),
          this.checkouts.lockHeldOf(tx, userId),
        ]);
        const lines = priced(cart.items, products);
        const totals = totalsOf(lines);
        if (totals.total > MAX_MINOR_UNITS) throw totalTooLarge();
        if (open) {
          await this.reservations.lockStock(
            tx,
            [...lines, ...open.lines].map((line) => line.productId),
          );
          givenBack.push(...(await this.giveBack(tx, open, 'released')));
        } else {
          // What the customer's open checkout gives back may be just what is short: asked only where there is none.
          this.reservations.refuseShort(lines, products);
        }

        const hold = { checkoutId: uuidv7(), orderId: uuidv7(), userId, lines };
        const [reserved, checkout] = await Promise.all([
          this.reservations.reserve(tx, hold),
          this.checkouts.insert(
            tx,
            {
              id: hold.checkoutId,
              orderId: hold.orderId,
              userId,
              cartId: cart.cartId,
              cartVersion: cart.version,
              lines,
              totals,
              shippingAddress,
              shippingMethod: delivery.shippingMethod,
            },
            this.settings.reservationTtlSeconds,
          ),
        ]);
        levels = reserved;
        return CheckoutDto.of(checkout);
      });
    // Sent again in a rush, whose line is for those who have no answer yet.
    const outcome = await this.turns
      .runExclusive(() => inTransaction(this.products, work))
      .catch((error: unknown) => {
        if (error instanceof UnavailableError) return this.firstAnswer(request, error);
        throw error;
      });
    await Promise.all([this.reservations.tellLevels(levels), this.reservations.tell(givenBack)]);
    return outcome;
  }

  async get(userId: string, id: string): Promise<CheckoutDto> {
    const checkout = await this.checkouts.find(this.products, id);
    if (checkout?.userId !== userId) throw checkoutNotFound();
    return CheckoutDto.of(checkout.overdue ? { ...checkout, status: 'expired' } : checkout);
  }

  /** Gives the hold back; one already given back stays so. */
  async release(userId: string, id: string): Promise<void> {
    const touched = await inTransaction(this.products, async (tx) => {
      const checkout = await this.checkouts.lock(tx, id);
      if (checkout?.userId !== userId) throw checkoutNotFound();
      if (checkout.status === 'claimed') throw checkoutUsed(checkout.orderId);
      return this.giveBack(tx, checkout, 'released');
    });
    await this.reservations.tell(touched);
  }

  /**
   * held -> claimed, for the order that is being placed: from now on no clock frees the stock. A checkout this customer
   * claimed already goes on; whether it became an order is for the placement to say.
   */
  async claim(userId: string, id: string, expectedTotal: number | null): Promise<CheckoutRecord> {
    return inTransaction(this.products, async (tx) => {
      const claimed = await this.checkouts.claim(tx, { id, userId, expectedTotal });
      if (claimed) {
        this.reservations.claim(tx, id);
        return claimed;
      }
      const checkout = await this.checkouts.lock(tx, id);
      if (checkout?.userId !== userId) throw checkoutNotFound();
      if (expectedTotal !== null && expectedTotal !== checkout.totals.total) {
        throw totalChanged(expectedTotal, checkout.totals.total);
      }
      if (checkout.status === 'claimed') return checkout;
      if (!checkout.overdue) this.transitions.refused(CHECKOUT, checkout.status, 'claimed');
      throw checkoutExpired();
    });
  }

  /** Releases a claimed checkout that never became an order; its tombstone placement is written before. */
  async releaseUnplaced(id: string): Promise<void> {
    const touched = await inTransaction(this.products, async (tx) => {
      const checkout = await this.checkouts.lock(tx, id);
      if (!checkout) return [];
      const released = await this.reservations.release(
        tx,
        { checkoutId: id, orderId: checkout.orderId },
        'claimed',
        'never_placed',
      );
      if (released.length > 0) await this.move(tx, checkout, 'released');
      return released;
    });
    await this.reservations.tell(touched);
  }

  /** Gives back the holds that ran out; any number of workers may do so at once. Returns how many. */
  async expireDue(): Promise<number> {
    const passedOver: string[] = [];
    for (let expired = 0; ;) {
      let id: string | null = null;
      try {
        const touched = await inTransaction(this.products, async (tx) => {
          const checkout = await this.checkouts.lockNextExpired(tx, passedOver);
          id = checkout?.id ?? null;
          return checkout ? this.giveBack(tx, checkout, 'expired') : null;
        });
        if (touched === null) return expired;
        await this.reservations.tell(touched);
        expired += 1;
      } catch (error) {
        // One that cannot be given back holds up no other.
        if (id === null || isInfrastructureError(error)) throw error;
        this.logger.error(`checkout ${String(id)} does not expire: ${String(error)}`);
        passedOver.push(id);
      }
    }
  }

  /** Checkouts claimed that long ago whose stock is unsettled, a page by id. */
  longClaimed(seconds: number, after: string | null, limit: number): Promise<{ id: string; orderId: string }[]> {
    return this.checkouts.longClaimed(this.products, seconds, after, limit);
  }

  /** What cannot be done now, but was done before, has its first answer; else there is that error. */
  private async firstAnswer(request: IdempotentRequest, error: unknown): Promise<Outcome<CheckoutDto>> {
    const body = await this.idempotency.find<CheckoutDto>(this.products, request);
    if (body) return { body, replayed: true };
    throw error;
  }

  /** What the customer wants and where to; refused when there is nothing in the cart. */
  private async wish(
    userId: string,
    addressId: string,
  ): Promise<{ cart: Awaited<ReturnType<CartService['snapshot']>>; shippingAddress: ShippingAddress }> {
    const [{ id, street, city, state, zipCode, country }, cart] = await Promise.all([
      this.addresses.requireOwn(userId, addressId),
      this.cart.snapshot(userId),
    ]);
    if (cart.items.length === 0) throw cartEmpty();
    return { cart, shippingAddress: { id, street, city, state, zipCode, country } };
  }

  private async giveBack(tx: EntityManager, checkout: CheckoutRecord, as: 'released' | 'expired'): Promise<string[]> {
    if (!(await this.move(tx, checkout, as))) return [];
    return this.reservations.release(tx, { checkoutId: checkout.id, orderId: checkout.orderId }, 'held', as);
  }

  private async move(tx: EntityManager, checkout: CheckoutRecord, to: CheckoutStatus): Promise<boolean> {
    const moved = await this.checkouts.setStatus(tx, checkout.id, to);
    if (!moved) this.transitions.refused(CHECKOUT, checkout.status, to);
    return moved;
  }
}
