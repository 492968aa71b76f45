import { AppError } from '../common/app-error';
import { MAX_MINOR_UNITS, toAmount } from '../common/money';
import { MoneyDto } from '../common/money.dto';

export const checkoutNotFound = () => new AppError('not_found', 'checkout.not_found', 'There is no such checkout.');

export const cartEmpty = () => new AppError('conflict', 'checkout.cart_empty', 'The cart is empty.');

export const productsGone = (productIds: string[]) =>
  new AppError('conflict', 'checkout.product_unavailable', 'Some products are no longer sold.', {
    items: productIds.map((productId) => ({ productId })),
  });

export const totalTooLarge = () =>
  new AppError('conflict', 'checkout.total_too_large', `One order may cost at most ${toAmount(MAX_MINOR_UNITS)}.`);

export const checkoutExpired = () =>
  new AppError(
    'conflict',
    'checkout.expired',
    'The checkout ran out; its stock was given back. Please check out again.',
  );

export const checkoutUsed = (orderId?: string) =>
  new AppError('conflict', 'checkout.used', 'This checkout was already placed.', orderId ? { orderId } : {});

export const totalChanged = (expected: number, actual: number) =>
  new AppError('conflict', 'checkout.total_changed', 'The total is not the expected one.', {
    expectedTotal: MoneyDto.of(expected),
    total: MoneyDto.of(actual),
  });
