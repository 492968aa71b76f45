import { AppError } from '../common/app-error';
import type { OrderStatus } from './order.state';

export const orderNotFound = () => new AppError('not_found', 'order.not_found', 'There is no such order.');

export const orderCannotBecome = (from: string, to: OrderStatus) =>
  new AppError('conflict', `order.cannot_be_${to}`, `An order that is ${from} cannot become ${to}.`, {
    currentStatus: from,
  });

export const cartAlreadyOrdered = () =>
  new AppError('conflict', 'order.cart_already_ordered', 'This cart was already ordered.');
