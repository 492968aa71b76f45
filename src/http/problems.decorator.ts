import { ApiExtension } from '@nestjs/swagger';

/**
 * The codes a route answers of its own, for its documents. What follows from its parameters, its body or who may call
 * it is added there: `validation_failed`, `unauthenticated`, `rate_limited` and their like need no naming.
 */
export function Problems(...codes: string[]): MethodDecorator {
  return ApiExtension('x-problems', codes);
}
