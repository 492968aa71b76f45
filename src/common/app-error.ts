/** What went wrong, in the terms HTTP and the listeners need: each kind maps to one status and one log level. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'precondition_failed'
  | 'precondition_required'
  | 'too_large'
  | 'unprocessable'
  | 'unsupported_media_type'
  | 'too_many_requests'
  | 'unavailable';

/** What is wrong with one field: `pointer` says where in the body, `parameter` which one of path, query or headers. */
export interface FieldError {
  field: string;
  message: string;
  pointer?: string;
  parameter?: string;
}

/** An RFC 6901 pointer as a URI fragment, as `#/items/0/quantity`. */
export function pointerTo(path: readonly string[]): string {
  return `#${path.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;
}

export const inBody = (field: string, message: string): FieldError => ({ field, message, pointer: pointerTo([field]) });
export const inParameter = (field: string, message: string): FieldError => ({ field, message, parameter: field });

/**
 * A failure the caller can act upon. `code` is stable and published (`checkout.out_of_stock`); `detail` is for people;
 * `extra` is merged into the problem document (what is out of stock, both totals, …).
 */
export class AppError extends Error {
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    readonly detail: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
    readonly retryAfterSeconds?: number,
  ) {
    super(`${code}: ${detail}`);
    this.name = new.target.name;
  }
}

export class ValidationError extends AppError {
  constructor(errors: FieldError[], detail = 'The request is not valid.') {
    super('invalid', 'validation_failed', detail, { errors });
  }
}

/** A part the shop needs is down or slow; nothing was lost and trying again helps. */
export class UnavailableError extends AppError {
  constructor(what: string, retryAfterSeconds = 5) {
    super('unavailable', 'service_unavailable', `${what} is not available at the moment.`, {}, retryAfterSeconds);
  }
}
