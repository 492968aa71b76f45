import type { ExecutionContext } from '@nestjs/common';

/** What the decorators of a route say: they do not change, so each route is asked once. */
export class PerRoute<T> {
  private readonly known = new Map<object, Map<object, T>>();

  constructor(private readonly ask: (context: ExecutionContext) => T) {}

  of(context: ExecutionContext): T {
    const controller = context.getClass();
    const handler = context.getHandler();
    let handlers = this.known.get(controller);
    if (!handlers) {
      handlers = new Map<object, T>();
      this.known.set(controller, handlers);
    }
    let said = handlers.get(handler);
    if (said === undefined) {
      said = this.ask(context);
      handlers.set(handler, said);
    }
    return said;
  }
}
