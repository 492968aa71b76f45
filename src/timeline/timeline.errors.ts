import { AppError, UnavailableError } from '../common/app-error';

export const tooManyStreams = (most: number) =>
  new AppError('too_many_requests', 'stream.too_many', `More than ${most} open streams of one user.`, {}, 10);

export const noStreamLeft = () => new UnavailableError('Another stream', 10);
