import { Global, Module } from '@nestjs/common';
import {
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
  PrometheusModule,
} from '@willsoto/nestjs-prometheus';
import { MetricsController } from './metrics.controller';
import { RequestMetrics } from './request-metrics';
import { TransitionMetrics } from './transition-metrics';

/** Logs and metrics. The metrics route is our own: one worker must answer for the whole server. */
@Global()
@Module({
  imports: [
    PrometheusModule.register({
      controller: MetricsController,
      defaultMetrics: { enabled: true, config: { eventLoopMonitoringPrecision: 100 } },
    }),
  ],
  providers: [
    RequestMetrics,
    TransitionMetrics,
    makeHistogramProvider({
      name: 'http_request_duration_seconds',
      help: 'Time to answer by route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    }),
    makeCounterProvider({
      name: 'http_request_sql_statements_total',
      help: 'SQL statements sent for requests of a route, BEGIN and COMMIT included',
      labelNames: ['method', 'route'],
    }),
    makeGaugeProvider({ name: 'http_requests_active', help: 'Requests being answered now' }),
    makeCounterProvider({
      name: 'transitions_refused_total',
      help: 'Moves that a table of transitions does not allow, which changed nothing',
      labelNames: ['machine', 'from', 'to'],
    }),
  ],
  exports: [RequestMetrics, TransitionMetrics],
})
export class ObservabilityModule {}
