import { AppError } from '../common/app-error';

/** A line of a cart that cannot be held. */
export interface ShortLine {
  productId: string;
  requested: number;
  available: number;
}

export const outOfStock = (items: readonly ShortLine[]) =>
  new AppError('conflict', 'checkout.out_of_stock', 'Some items are not in stock in the wanted quantity.', { items });

export const unknownProduct = () => new AppError('not_found', 'product.not_found', 'There is no such product.');

export const preconditionRequired = () =>
  new AppError(
    'precondition_required',
    'precondition_required',
    'Say what you saw before: send expectedQuantity, or If-Match with the ETag of the last answer.',
  );

export const rowChanged = () =>
  new AppError(
    'precondition_failed',
    'precondition_failed',
    'The stock has changed since the version named by If-Match. Please read it again.',
  );

export const quantityChanged = (expectedQuantity: number, quantity: number) =>
  new AppError('conflict', 'inventory.changed', `The quantity is ${quantity}, not ${expectedQuantity}.`, {
    expectedQuantity,
    quantity,
  });

export const overPromised = (counted: { quantity: number; ledger: number; reserved: number }) =>
  new AppError(
    'conflict',
    'inventory.over_promised',
    'More is set aside for customers than is on hand by stock row or ledger: a case for people.',
    counted,
  );

export const belowReserved = (reservedQuantity: number) =>
  new AppError(
    'conflict',
    'inventory.below_reserved',
    `${reservedQuantity} are set aside for customers: the quantity cannot be less.`,
    { reservedQuantity },
  );
