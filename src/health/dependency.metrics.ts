import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge, register } from 'prom-client';
import { HealthService } from './health.service';

const NAME = 'dependency_up';

/**
 * `dependency_up` by the names of `/health/ready`. Each worker asks when it is scraped, so the value is never older
 * than the scrape; a server shows the least of its workers, because one that cannot reach a store fails its requests.
 */
@Injectable()
export class DependencyMetrics implements OnModuleInit {
  constructor(private readonly health: HealthService) {}

  onModuleInit(): void {
    register.removeSingleMetric(NAME);
    const { health } = this;
    new Gauge({
      name: NAME,
      help: 'Whether a dependency answers: 1 up, 0 down',
      labelNames: ['dependency'],
      aggregator: 'min',
      async collect() {
        for (const [dependency, state] of await health.states()) this.set({ dependency }, state === 'up' ? 1 : 0);
      },
    });
  }
}
