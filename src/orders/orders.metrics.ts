import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { OrderStatus } from './order.state';

export const ORDER_COUNTERS = [
  makeCounterProvider({ name: 'orders_moved_total', help: 'Orders by the status they reached', labelNames: ['to'] }),
];

@Injectable()
export class OrderMetrics {
  constructor(@InjectMetric('orders_moved_total') private readonly movedTotal: Counter<'to'>) {}

  moved(to: OrderStatus, orders = 1): void {
    this.movedTotal.inc({ to }, orders);
  }
}
