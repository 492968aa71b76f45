import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppError } from '../common/app-error';

/** A stream or a file: it takes as long as its reader takes. */
export const UNHURRIED = { unhurried: true };

/** The route's answer may take longer than `REQUEST_TIMEOUT_MS`. */
export function Unhurried(): MethodDecorator {
  return RouteConfig(UNHURRIED);
}

function isUnhurried(config: unknown): boolean {
  return typeof config === 'object' && config !== null && 'unhurried' in config && config.unhurried === true;
}

const tooLate = (): AppError =>
  new AppError(
    'unavailable',
    'service_unavailable',
    'The answer took too long. What was asked for may have been done, or may be yet.',
    {},
    5,
  );

/**
 * A request that is not answered in time is answered 503. What it has begun goes on: statements end by their own time
 * limit, and a transaction commits or does not. Fastify's own `handlerTimeout` forgets a request once its body was read.
 */
export function answerInTime(app: NestFastifyApplication, withinMs: number): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (!isUnhurried(request.routeOptions.config)) {
        const timer = setTimeout(() => {
          if (!reply.sent && !reply.raw.headersSent) void reply.send(tooLate());
        }, withinMs);
        reply.raw.once('close', () => clearTimeout(timer));
      }
      done();
    });
}
