import { AppError } from '../common/app-error';

/** What staff did stays with who they were; and nobody may lock the shop's last admin out with a browser left open. */
export function staffAccount(): AppError {
  return new AppError('conflict', 'erasure.staff_account', 'This account is of staff: its role has to be taken first.');
}

export function openOrders(orderIds: readonly string[]): AppError {
  return new AppError(
    'conflict',
    'erasure.open_orders',
    'Some of your orders are not finished: cancel them, or wait for them to arrive.',
    { orderIds },
  );
}
