import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorKind } from '../common/app-error';
import { isInfrastructureError } from '../database/infrastructure-error';
import { isPostgresError } from '../database/sql';
import { problemDocument } from './problem.document';
import { API_HEADERS } from './security-headers';

const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  unprocessable: 422,
  unsupported_media_type: 415,
  precondition_required: 428,
  too_many_requests: 429,
  unavailable: 503,
};

const NUL_CHARACTER = new Set(['22021', '22P05']);
const INVALID_TEXT = '22P02';
/** DTOs count a character and its variation selector as one, PostgreSQL as two. */
const TOO_LONG = '22001';

/** PostgreSQL keeps all text but U+0000, and in JSON half of a surrogate pair: no DTO need think of it. */
function faultOfText(error: unknown): string | null {
  if (!isPostgresError(error)) return null;
  if (error.code === TOO_LONG) return 'A text is longer than it may be.';
  const isHalf = error.code === INVALID_TEXT && error.detail?.includes('surrogate');
  const isUnstorable = NUL_CHARACTER.has(error.code) || isHalf;
  return isUnstorable ? 'Text must not hold the NUL character, nor half of a surrogate pair.' : null;
}

/** Codes of errors that Nest and Fastify raise themselves. */
const CODE_OF_STATUS: Record<number, string> = {
  400: 'validation_failed',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'body_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'service_unavailable',
};

interface Problem {
  status: number;
  code: string;
  detail: string;
  extra: Readonly<Record<string, unknown>>;
  retryAfterSeconds?: number;
}

/** Fastify's own errors (a body that is no JSON, one too large) carry their status. */
function statusCodeOf(error: unknown): number | null {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : null;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}

export function toProblem(error: unknown): Problem {
  if (error instanceof AppError) {
    const { code, detail, extra, retryAfterSeconds } = error;
    return { status: STATUS[error.kind], code, detail, extra, retryAfterSeconds };
  }
  const status = error instanceof HttpException ? error.getStatus() : statusCodeOf(error);
  if (status !== null) {
    const detail = error instanceof Error ? error.message : 'The request was refused.';
    return { status, code: CODE_OF_STATUS[status] ?? 'request_refused', detail, extra: {} };
  }
  const fault = faultOfText(error);
  if (fault !== null) return { status: 400, code: 'validation_failed', detail: fault, extra: {} };
  if (isInfrastructureError(error)) {
    const detail = 'A part of the shop is not available at the moment. Nothing was lost; please try again.';
    return { status: 503, code: 'service_unavailable', detail, extra: {}, retryAfterSeconds: 5 };
  }
  return { status: 500, code: 'internal_error', detail: 'Something went wrong on our side.', extra: {} };
}

/** Every error of the HTTP API, as RFC 9457 `application/problem+json`. Never a stack trace. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('HTTP');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = toProblem(error);
    const path = request.url.split('?')[0] ?? request.url;
    if (problem.status >= 500) {
      const stack = error instanceof Error ? error.stack : undefined;
      const line = `${request.method} ${path}: ${String(error)}`;
      if (problem.status === 503) this.logger.warn(line);
      else this.logger.error(line, stack);
    }
    if (reply.sent) return;
    if (problem.retryAfterSeconds !== undefined) reply.header('Retry-After', String(problem.retryAfterSeconds));
    if (problem.status === 401) reply.header('WWW-Authenticate', 'Bearer');
    void reply
      .status(problem.status)
      .type('application/problem+json')
      .send(
        problemDocument(problem.code, problem.status, problem.detail, {
          instance: path,
          ...problem.extra,
          requestId: request.id,
        }),
      );
  }
}

/** Of a request that Node could not read there is no route and no reply, only the connection. */
export function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, detail]: [number, string, string] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'headers_too_large', 'The headers are too large.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'request_timeout', 'The request did not arrive in time.']
        : [400, 'bad_request', 'The request could not be read.'];
  const body = problemDocument(code, status, detail, { requestId: randomUUID() });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

/** The router's own refusals: of an address that is none, or has too long a part. */
export function refuseAddress(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const isLong = statusCodeOf(error) === 414;
  const [status, code]: [number, string] = isLong ? [414, 'uri_too_long'] : [400, 'bad_request'];
  const detail = isLong ? 'A part of the address is too long.' : 'The address is not a valid one.';
  void reply
    .status(status)
    .header('X-Request-Id', request.id)
    .headers(API_HEADERS)
    .type('application/problem+json')
    .send(problemDocument(code, status, detail, { requestId: request.id }));
}
