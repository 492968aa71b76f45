import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import { Public } from '../http/access.decorators';
import { metricsOfAllWorkers } from './cluster-metrics';

/** Prometheus text of all workers of this server; reached on the app server itself, never through Nginx. */
@Controller()
export class MetricsController {
  @Public()
  @ApiExcludeEndpoint()
  @Get()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): Promise<string> {
    return metricsOfAllWorkers();
  }
}
