import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { runInTrace, takeOverTraceparent } from '../common/trace-context';

const REQUEST_ID = /^[\w.-]{1,100}$/;

/** A request id that came with the request is kept when it is harmless to log; else one is made. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();
}

/** Gives each request its id and trace, from the first hook on: logs, errors and events of that request carry them. */
export function useRequestContext(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      reply.header('X-Request-Id', request.id);
      runInTrace({ requestId: request.id, traceparent: takeOverTraceparent(request.headers['traceparent']) }, done);
    });
}
