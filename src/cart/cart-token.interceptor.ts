import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { tap, type Observable } from 'rxjs';
import { tellCartToken } from '../http/cart-token.header';
import type { RequestWithCart } from './cart-owner.guard';
import { CartTokens } from './cart-token.service';

/** Gives a guest who changed their cart a token that lives as long as the cart now does. */
@Injectable()
export class CartTokenInterceptor implements NestInterceptor {
  constructor(private readonly tokens: CartTokens) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const { cartOwner, method } = http.getRequest<RequestWithCart>();
    if (!cartOwner || cartOwner.kind === 'user' || method === 'GET' || method === 'HEAD') return next.handle();
    return next
      .handle()
      .pipe(tap(() => tellCartToken(http.getResponse<FastifyReply>(), this.tokens.issue(cartOwner.id))));
  }
}
