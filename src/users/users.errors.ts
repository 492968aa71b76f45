import { AppError } from '../common/app-error';

export function userNotFound(): AppError {
  return new AppError('not_found', 'user.not_found', 'There is no such user.');
}

/** Erased while the request was under way: whoever sent it is signed out by now. */
export function accountErased(): AppError {
  return new AppError('unauthenticated', 'unauthenticated', 'Please sign in.');
}

/** Also for an address of someone else: whether it exists is nobody else's business. */
export function addressNotFound(): AppError {
  return new AppError('not_found', 'address.not_found', 'You have no such address.');
}

export function defaultAddressRequired(): AppError {
  return new AppError(
    'conflict',
    'address.default_required',
    'This is your default address: make another one the default instead.',
  );
}
