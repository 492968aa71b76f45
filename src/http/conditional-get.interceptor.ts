import { createHash } from 'node:crypto';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

/** Anyone may keep an answer, but stock may change any second: ask again before using it. */
const CACHE_CONTROL = 'public, no-cache';

/** Weak comparison (RFC 9110, 13.1.2): compression on the way may have put `W/` before our tag. */
function names(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === tag);
}

/** Gives each answer a strong ETag made of its bytes, and 304 to whoever has these already. */
@Injectable()
export class ConditionalGet implements NestInterceptor<object, string | undefined> {
  intercept(context: ExecutionContext, next: CallHandler<object>): Observable<string | undefined> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(
      map((answer) => {
        const body = JSON.stringify(answer);
        const tag = `"${createHash('sha1').update(body).digest('base64url')}"`;
        reply.header('ETag', tag).header('Cache-Control', CACHE_CONTROL);
        if (names(request.headers['if-none-match'], tag)) {
          reply.status(304);
          return undefined;
        }
        reply.type('application/json; charset=utf-8');
        return body;
      }),
    );
  }
}
