import { AppError } from '../common/app-error';
import { MoneyDto } from '../common/money.dto';

export const paymentNotFound = () => new AppError('not_found', 'order.not_found', 'There is no such order.');

export const nothingToRefund = (left: number) =>
  new AppError('conflict', 'refund.exceeds_payment', 'More than what is left of the payment cannot be refunded.', {
    left: MoneyDto.of(left),
  });

export const nothingToPay = () =>
  new AppError('conflict', 'payment.nothing_to_pay', 'An order of nothing cannot be paid.');

export const signatureWrong = () =>
  new AppError('unauthenticated', 'webhook.signature_invalid', 'The signature of this webhook is not valid.');

export const providerUnknown = () =>
  new AppError('not_found', 'webhook.provider_unknown', 'There is no such payment provider.');
