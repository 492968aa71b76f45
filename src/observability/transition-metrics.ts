import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { StateMachine } from '../common/state-machine';

/** Counts the moves that a table of transitions refused: late, doubled or redriven messages, and people who are too late. */
@Injectable()
export class TransitionMetrics {
  constructor(
    @InjectMetric('transitions_refused_total') private readonly refusedTotal: Counter<'machine' | 'from' | 'to'>,
  ) {}

  /** `from` is null when the thing is gone: there is no table to refuse it. */
  refused<State extends string>(machine: StateMachine<State>, from: State | null, to: State): void {
    if (from !== null) this.refusedTotal.inc({ machine: machine.name, from, to });
  }
}
