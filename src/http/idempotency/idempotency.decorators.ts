import { createHash } from 'node:crypto';
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { RequestWithUser } from '../access.decorators';
import { inParameter, ValidationError } from '../../common/app-error';

/** One request as its sender names it: `key` within `scope`, for a body with this hash. */
export interface IdempotentRequest {
  scope: string;
  key: string;
  requestHash: string;
}

const MAX_KEY_LENGTH = 255;

/** The same JSON with its keys in another order is the same body. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

function principalOf(request: RequestWithUser): string {
  return request.user?.userId ?? request.guestId ?? request.ip;
}

function readKey(context: ExecutionContext, required: boolean): IdempotentRequest | null {
  const request = context.switchToHttp().getRequest<RequestWithUser>();
  const header = request.headers['idempotency-key'];
  if (header === undefined && !required) return null;
  if (typeof header !== 'string' || header.length === 0 || header.length > MAX_KEY_LENGTH) {
    const message = `must be given once, with 1 to ${MAX_KEY_LENGTH} characters`;
    throw new ValidationError(
      [inParameter('Idempotency-Key', message)],
      'The header Idempotency-Key is missing or wrong.',
    );
  }
  const route = `${request.method} ${request.url.split('?')[0] ?? ''}`;
  return {
    scope: `${principalOf(request)} ${route}`.slice(0, 200),
    key: header,
    requestHash: createHash('sha256')
      .update(JSON.stringify(canonical(request.body ?? null)))
      .digest('hex'),
  };
}

/** The request's `Idempotency-Key`; 400 without one. */
export const RequiredIdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readKey(context, true),
);

/** The request's `Idempotency-Key`, or null when the client sent none. */
export const OptionalIdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readKey(context, false),
);

/** Documents the header in OpenAPI. */
export function ApiIdempotencyKey(required: boolean): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required,
      description: 'Any string up to 255; the same key and body get the same answer for 24 hours',
      schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH },
    }),
  );
}
