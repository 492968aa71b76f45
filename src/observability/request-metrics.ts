import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Gauge, Histogram } from 'prom-client';

function isStream(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type')).startsWith('text/event-stream');
}

/** Request rate, response time and errors of every route, and one log line a request. */
@Injectable()
export class RequestMetrics {
  private readonly logger = new Logger('Request');

  constructor(
    @InjectMetric('http_request_duration_seconds')
    private readonly duration: Histogram<'method' | 'route' | 'status'>,
    @InjectMetric('http_requests_active') private readonly active: Gauge,
  ) {}

  observe(app: NestFastifyApplication): void {
    const server = app.getHttpAdapter().getInstance();
    server.addHook('onRequest', (_request, reply, done) => {
      this.active.inc();
      // A client that leaves early, as one of a stream does, brings no `onResponse`.
      reply.raw.once('close', () => this.active.dec());
      done();
    });
    server.addHook('onSend', (request, reply, _payload, done) => {
      // A stream is answered when it begins: the minutes that follow are no response time.
      if (isStream(reply)) this.record(request, reply);
      done();
    });
    server.addHook('onResponse', (request, reply, done) => {
      if (!isStream(reply)) this.record(request, reply);
      done();
    });
  }

  private record(request: FastifyRequest, reply: FastifyReply): void {
    const route = request.routeOptions.url ?? 'unknown';
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    this.duration.observe(labels, reply.elapsedTime / 1000);
    this.logger.debug(`${request.method} ${request.url} ${reply.statusCode} ${reply.elapsedTime.toFixed(1)}ms`);
  }
}
