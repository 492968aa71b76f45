import { AppError } from '../common/app-error';
import { MAX_LINES, MAX_QUANTITY } from './cart.constants';

export function productNotFound(): AppError {
  return new AppError('not_found', 'product.not_found', 'There is no such product.');
}

export function itemNotFound(): AppError {
  return new AppError('not_found', 'cart.item_not_found', 'This product is not in your cart.');
}

export function tooManyItems(): AppError {
  return new AppError('conflict', 'cart.too_many_items', `A cart holds at most ${MAX_LINES} different products.`);
}

export function quantityTooHigh(): AppError {
  return new AppError('conflict', 'cart.quantity_too_high', `A cart holds at most ${MAX_QUANTITY} of one product.`);
}

/** Forged, foreign, expired, or of a cart that is no more: whoever holds such a token learns no more. */
export function invalidCartToken(): AppError {
  return new AppError('unauthenticated', 'cart.invalid_token', 'This cart token is not valid (any more).');
}
