import { AppError } from '../common/app-error';

export const webhookNotFound = () => new AppError('not_found', 'webhook.not_found', 'There is no such webhook.');

export const deliveryNotFound = () =>
  new AppError('not_found', 'webhook.delivery_not_found', 'There is no such delivery of this webhook.');

/** As `url must begin with https://`. */
export const webhookUrlRefused = (fault: string) =>
  new AppError('unprocessable', 'webhook.url_refused', `Webhooks are not sent there: the URL ${fault}.`);

export const webhookDisabled = () =>
  new AppError('conflict', 'webhook.disabled', 'This webhook is disabled: nothing is sent to it.');
