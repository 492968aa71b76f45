import { Counter } from 'prom-client';
import { TransitionMetrics } from '../../src/observability/transition-metrics';

type Labels = 'machine' | 'from' | 'to';

/** The counter of refused moves with a register of its own, for services that a test puts together itself. */
export class CountedTransitions extends TransitionMetrics {
  private readonly counter: Counter<Labels>;

  constructor() {
    const labelNames = ['machine', 'from', 'to'] as const;
    const counter = new Counter<Labels>({ name: 'refused', help: 'in a test', labelNames, registers: [] });
    super(counter);
    this.counter = counter;
  }

  /** How often each move was refused so far, as `{ 'order cancelled -> confirmed': 1 }`. */
  async refusals(): Promise<Record<string, number>> {
    const { values } = await this.counter.get();
    return Object.fromEntries(
      values.map(({ labels, value }) => [`${labels.machine} ${labels.from} -> ${labels.to}`, value]),
    );
  }
}
