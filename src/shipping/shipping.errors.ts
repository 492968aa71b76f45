import { AppError } from '../common/app-error';

export const cannotShip = (status: string) =>
  new AppError('conflict', 'order.cannot_be_shipped', `An order that is ${status} cannot be shipped.`, {
    currentStatus: status,
  });

export const cannotDeliver = (status: string) =>
  new AppError('conflict', 'order.cannot_be_delivered', `An order that is ${status} cannot be delivered.`, {
    currentStatus: status,
  });
