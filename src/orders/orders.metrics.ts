import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { OrderStatus } from './order.state';

export const ORDER_COUNTERS = [
  makeCounterProvider({ name: 'orders_moved_total', help: 'Orders by the status they reached', labelNames: ['to'] }),
  makeCounterProvider({
    name: 'order_moves_refused_total',
    help: 'Moves that the table of transitions does not allow, which changed nothing',
    labelNames: ['from', 'to'],
  }),
];

@Injectable()
export class OrderMetrics {
  constructor(
    @InjectMetric('orders_moved_total') private readonly movedTotal: Counter<'to'>,
    @InjectMetric('order_moves_refused_total') private readonly refusedTotal: Counter<'from' | 'to'>,
  ) {}

  moved(to: OrderStatus): void {
    this.movedTotal.inc({ to });
  }

  refused(from: OrderStatus, to: OrderStatus): void {
    this.refusedTotal.inc({ from, to });
  }
}
