import type { FieldError } from '../common/app-error';
import type { ProblemKind } from '../common/problem.codes';

/** What is wrong with one field of a request. */
export class FieldErrorDto implements FieldError {
  /**
   * Its name, with dots from an object into its fields
   * @example 'items.0.quantity'
   */
  field: string;

  /** @example 'quantity must not be less than 1' */
  message: string;

  /**
   * Where it is in the body: a JSON pointer as a URI fragment
   * @example '#/items/0/quantity'
   */
  pointer?: string;

  /** Which parameter it is, of the path, the query or the headers */
  parameter?: string;
}

/** An RFC 9457 problem document. Some codes say more, in fields of their own. */
export class ProblemDto {
  /**
   * Leads to what the code means
   * @example '/problems/order.not_found'
   */
  type: string;

  /** @example 'No such order' */
  title: string;

  /** @example 404 */
  status: number;

  /**
   * For people
   * @example 'There is no such order.'
   */
  detail: string;

  /**
   * The path that was asked for
   * @example '/v1/orders/0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2b3d'
   */
  instance?: string;

  /**
   * For programs: stable, and listed at `/docs/errors`
   * @example 'order.not_found'
   */
  code: string;

  /** Each field that is not as documented; only with `validation_failed` */
  errors?: FieldErrorDto[];

  /**
   * Tell it to the shop's people when you ask them
   * @example '0f8fad5b-d9cb-469f-a165-70867728950e'
   */
  requestId: string;
}

export class ProblemKindDto implements ProblemKind {
  /** @example 'order.not_found' */
  code: string;

  /**
   * The `type` of such a problem
   * @example '/problems/order.not_found'
   */
  type: string;

  /** @example 'No such order' */
  title: string;

  /** @example 404 */
  status: number;

  /** @example 'There is no such order, or it is someone else’s.' */
  meaning: string;
}

export class ProblemKindsDto {
  items: ProblemKindDto[];

  static of(kinds: Readonly<Record<string, ProblemKind>>): ProblemKindsDto {
    const items = Object.entries(kinds).map(([code, kind]) => ({ code, type: `/problems/${code}`, ...kind }));
    return Object.assign(new ProblemKindsDto(), { items });
  }
}
