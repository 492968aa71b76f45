import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'X-Cart-Token';

/** Given more than once it is none of ours: Node joins the two, and no signature fits. */
export function readCartToken(request: FastifyRequest): string | undefined {
  const header = request.headers['x-cart-token'];
  return Array.isArray(header) ? header.join() : header;
}

/** What stands for a guest's cart; whether it is ours is for the cart to say. */
export const CartToken = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined =>
  readCartToken(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Documents the header in OpenAPI. */
export function ApiCartToken(description: string): MethodDecorator {
  return applyDecorators(ApiHeader({ name: NAME, required: false, description }));
}

export function tellCartToken(reply: FastifyReply, token: string): void {
  reply.header(NAME, token);
}
