import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { statementsOf } from '../http/request-context';
import { Settings } from '../settings/settings';

function isStream(reply: FastifyReply): boolean {
  const type = reply.getHeader('content-type');
  return typeof type === 'string' && type.startsWith('text/event-stream');
}

/** Request rate, response time and errors of every route; at level `debug` a log line for each, which Nginx writes anyway. */
@Injectable()
export class RequestMetrics {
  private readonly logger = new Logger('Request');
  private readonly logsEach: boolean;
  /** The same few label sets with every request: each is made once. */
  private readonly durations = new Map<string, { observe: (seconds: number) => void }>();

  constructor(
    @InjectMetric('http_request_duration_seconds')
    private readonly duration: Histogram<'method' | 'route' | 'status'>,
    @InjectMetric('http_request_sql_statements_total') private readonly statements: Counter<'method' | 'route'>,
    @InjectMetric('http_requests_active') private readonly active: Gauge,
    settings: Settings,
  ) {
    this.logsEach = settings.logLevel === 'debug';
  }

  observe(app: NestFastifyApplication): void {
    const server = app.getHttpAdapter().getInstance();
    const ended = (): void => this.active.dec();
    server.addHook('onRequest', (_request, reply, done) => {
      this.active.inc();
      // A client that leaves early, as one of a stream does, brings no `onResponse`.
      reply.raw.once('close', ended);
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
    const { method } = request;
    const route = request.routeOptions.url ?? 'unknown';
    const name = `${method} ${route} ${reply.statusCode}`;
    let duration = this.durations.get(name);
    if (!duration) {
      duration = this.duration.labels(method, route, String(reply.statusCode));
      this.durations.set(name, duration);
    }
    duration.observe(reply.elapsedTime / 1000);
    const statements = statementsOf(request);
    if (statements > 0) this.statements.inc({ method, route }, statements);
    if (!this.logsEach) return;
    // No query: it carries what people search for, and now and then a token.
    const [path] = request.url.split('?', 1);
    this.logger.debug(`${method} ${path} ${reply.statusCode} ${reply.elapsedTime.toFixed(1)}ms`);
  }
}
