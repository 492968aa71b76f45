import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';

/** A stream or a file: it takes as long as its reader takes. */
export const UNHURRIED = { unhurried: true };

/** The route's answer may take longer than `REQUEST_TIMEOUT_MS`. */
export function Unhurried(): MethodDecorator {
  return RouteConfig(UNHURRIED);
}

function isUnhurried(config: unknown): boolean {
  return typeof config === 'object' && config !== null && 'unhurried' in config && config.unhurried === true;
}

/**
 * A request that is not answered in time is answered 503. What it has begun goes on: statements end by their own time limit,
 * and a transaction either commits or does not. To be called before there are routes.
 */
export function answerInTime(app: NestFastifyApplication, withinMs: number): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if (!isUnhurried(route.config)) route.handlerTimeout = withinMs;
    });
}
