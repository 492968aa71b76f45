import { AppError } from '../common/app-error';
import type { DeadLetterStatus } from './dead-letter.state';

export const deadLetterNotFound = () =>
  new AppError('not_found', 'dead_letter.not_found', 'There is no such dead letter.');

export const deadLetterCannotBecome = (from: DeadLetterStatus, to: DeadLetterStatus) =>
  new AppError('conflict', `dead_letter.cannot_be_${to}`, `A dead letter that is ${from} cannot become ${to}.`, {
    currentStatus: from,
  });
