import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { PersonalAnalyticsService } from '../analytics/personal-analytics.service';
import { AuditReadingService } from '../audit/audit-reading.service';
import { PersonalAccessService } from '../auth/personal-access.service';
import { PersonalCartService } from '../cart/personal-cart.service';
import { PersonalCheckoutsService } from '../checkout/personal-checkouts.service';
import { AppError } from '../common/app-error';
import { Clock } from '../common/clock';
import { TimelineService } from '../history/timeline.service';
import { PersonalMessagesService } from '../notifications/personal-messages.service';
import { OrderDto } from '../orders/dto/order.dto';
import { PersonalOrdersService, type OrderRecord } from '../orders/personal-orders.service';
import { PersonalPaymentsService } from '../payments/personal-payments.service';
import { AddressDto } from '../users/dto/address.dto';
import { ProfileDto } from '../users/dto/user.dto';
import { PersonalAccountService } from '../users/personal-account.service';
import type { ExportedOrderDto, PersonalExportDto } from './dto/export.dto';
import { checkoutOf, eventOf, messageOf, paymentOf, saleOf, sessionOf, staffActionOf } from './export.mapper';

const PAGE = 100;
/** Each with its lines, its timeline and its payment. */
const ORDERS_AT_ONCE = 10;

type Lists = Pick<PersonalExportDto, 'addresses' | 'sessions' | 'checkouts' | 'orders' | 'messages' | 'sales'>;
/** Each list with where its items come from: one that is forgotten here does not compile. */
type Sources = { [Name in keyof Lists]: AsyncIterable<Lists[Name][number]> };

async function* mapped<T, R>(items: AsyncIterable<T>, toItem: (item: T) => R): AsyncGenerator<R> {
  for await (const item of items) yield toItem(item);
}

/**
 * One JSON document of everything the shop keeps of a person, from all stores. Read page by page, no faster than it is
 * taken: however much it is, a page of it is in memory. No transaction stays open for it.
 */
@Injectable()
export class PersonalExport {
  constructor(
    private readonly account: PersonalAccountService,
    private readonly access: PersonalAccessService,
    private readonly cart: PersonalCartService,
    private readonly checkouts: PersonalCheckoutsService,
    private readonly orders: PersonalOrdersService,
    private readonly payments: PersonalPaymentsService,
    private readonly timelines: TimelineService,
    private readonly audit: AuditReadingService,
    private readonly messages: PersonalMessagesService,
    private readonly analytics: PersonalAnalyticsService,
    private readonly clock: Clock,
  ) {}

  async of(userId: string): Promise<Readable> {
    const user = await this.account.find(userId);
    if (!user) throw new AppError('not_found', 'user.not_found', 'There is no such user.');
    // Asked before the answer begins: a store that is down is told of by its status, not by half a document.
    const orders = this.ordersOf(userId);
    const first = await orders.next();
    const [enabled, cart] = await Promise.all([this.access.hasSecondFactor(userId), this.cart.find(userId)]);
    const head = {
      createdAt: this.clock.now().toISOString(),
      profile: ProfileDto.of(user),
      secondFactor: { enabled },
      cart: cart.items.map(({ productId, quantity }) => ({ productId, quantity })),
    };
    const lists: Sources = {
      addresses: mapped(this.account.addresses(userId, PAGE), (address) => AddressDto.of(address)),
      sessions: mapped(this.access.keptSessions(userId, PAGE), sessionOf),
      checkouts: mapped(this.checkouts.ofUser(userId, PAGE), checkoutOf),
      orders: resumed(first, orders),
      messages: mapped(this.messages.kept(userId, PAGE), messageOf),
      sales: mapped(this.analytics.ofUser(userId, PAGE), saleOf),
    };
    return Readable.from(written(head, lists), { objectMode: false });
  }

  private async *ordersOf(userId: string): AsyncGenerator<ExportedOrderDto> {
    for await (const page of this.orders.pagesOf(userId, ORDERS_AT_ONCE)) {
      const payments = await this.payments.ofOrders(page.map(({ id }) => id));
      for (const order of page) yield this.orderOf(order, payments);
    }
  }

  private async orderOf(
    order: OrderRecord,
    payments: Awaited<ReturnType<PersonalPaymentsService['ofOrders']>>,
  ): Promise<ExportedOrderDto> {
    const payment = payments.get(order.id);
    const subjects = [order.id, ...(payment?.refunds.map(({ id }) => id) ?? [])];
    const [timeline, actions] = await Promise.all([this.timelines.of(order.id), this.audit.aboutOrders(subjects)]);
    return {
      order: OrderDto.of(order),
      cancelNote: order.cancelNote,
      payment: payment ? paymentOf(payment) : null,
      timeline: timeline.map(eventOf),
      staffActions: actions.map(staffActionOf),
    };
  }
}

async function* resumed<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** `head`, then a list after the other, as the text of one JSON object. */
async function* written(head: object, lists: Sources): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1);
  for (const [name, items] of Object.entries<AsyncIterable<unknown>>(lists)) {
    yield `,${JSON.stringify(name)}:[`;
    let separator = '';
    for await (const item of items) {
      yield separator + JSON.stringify(item);
      separator = ',';
    }
    yield ']';
  }
  yield '}';
}
