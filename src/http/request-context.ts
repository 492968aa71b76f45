import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { runInTrace, takeOverTraceparent, type TraceContext } from '../common/trace-context';

const REQUEST_ID = /^[\w.-]{1,100}$/;

/** A request id that came with the request is kept when it is harmless to log; else one is made. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();
}

/** Most requests neither log nor send an event: their trace is begun when someone asks for it. */
class RequestTrace implements TraceContext {
  statements = 0;
  private begun: string | undefined;

  constructor(
    readonly requestId: string,
    private readonly header: unknown,
  ) {}

  get traceparent(): string {
    return (this.begun ??= takeOverTraceparent(this.header));
  }
}

const traces = new WeakMap<FastifyRequest, TraceContext>();

/** How many SQL statements were sent for this request so far. */
export function statementsOf(request: FastifyRequest): number {
  return traces.get(request)?.statements ?? 0;
}

/** Gives each request its id and trace, from the first hook on: logs, errors and events of that request carry them. */
export function useRequestContext(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      reply.header('X-Request-Id', request.id);
      const trace = new RequestTrace(request.id, request.headers['traceparent']);
      traces.set(request, trace);
      runInTrace(trace, done);
    });
}
