import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

/** What became of the events. */
@Injectable()
export class ListenerMetrics {
  constructor(@InjectMetric('events_handled_total') private readonly events: Counter<'group' | 'topic' | 'outcome'>) {}

  handled(group: string, topic: string, events: number): void {
    this.events.inc({ group, topic, outcome: 'handled' }, events);
  }

  retried(group: string, topic: string): void {
    this.events.inc({ group, topic, outcome: 'retried' });
  }

  deadLettered(group: string, topic: string): void {
    this.events.inc({ group, topic, outcome: 'dead_letter' });
  }

  skipped(group: string, topic: string, events: number): void {
    this.events.inc({ group, topic, outcome: 'skipped' }, events);
  }
}
