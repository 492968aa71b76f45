import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { uuidv7 } from 'uuidv7';
import { AppError } from '../common/app-error';
import { GUESTS, type RequestWithUser } from '../http/access.decorators';
import { readCartToken } from '../http/cart-token.header';
import { CartTokens } from './cart-token.service';
import type { CartOwner } from './cart.types';

export type RequestWithCart = RequestWithUser & { cartOwner?: CartOwner };

function unauthenticated(): AppError {
  return new AppError('unauthenticated', 'unauthenticated', 'Please sign in, or show the token of your cart.');
}

/** Whose cart a request is about: the signed-in user's, else the one of its token, else a new one where that may be. */
@Injectable()
export class CartOwnerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: CartTokens,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<RequestWithCart>();
    request.cartOwner = this.ownerOf(context, request);
    if (request.cartOwner.kind === 'guest') request.guestId = request.cartOwner.id;
    return true;
  }

  private ownerOf(context: ExecutionContext, request: RequestWithCart): CartOwner {
    if (request.user) return { kind: 'user', id: request.user.userId };
    const token = readCartToken(request);
    if (token !== undefined) return { kind: 'guest', id: this.tokens.read(token) };
    const guests = this.reflector.getAllAndOverride<unknown>(GUESTS, [context.getHandler(), context.getClass()]);
    if (guests !== 'new') throw unauthenticated();
    return { kind: 'new guest', id: uuidv7() };
  }
}

/** Whose cart this request is about, as the guard found out. */
export const CurrentCart = createParamDecorator((_: unknown, context: ExecutionContext): CartOwner => {
  const owner = context.switchToHttp().getRequest<RequestWithCart>().cartOwner;
  if (!owner) throw unauthenticated();
  return owner;
});
