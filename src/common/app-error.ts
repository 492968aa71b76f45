/** What went wrong, in the terms HTTP and the listeners need: each kind maps to one status and one log level. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'precondition_failed'
  | 'precondition_required'
  | 'too_large'
  | 'unprocessable'
  | 'unsupported_media_type'
  | 'too_many_requests'
  | 'unavailable';

export interface FieldError {
  field: string;
  message: string;
}

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
