import { AppError } from '../common/app-error';

export function unauthenticated(): AppError {
  return new AppError('unauthenticated', 'unauthenticated', 'Please sign in.');
}

/** The same for an unknown email and a wrong password: which emails have an account is not told. */
export function wrongCredentials(): AppError {
  return new AppError('unauthenticated', 'auth.wrong_credentials', 'Email or password is wrong.');
}

/** Unknown, used before, signed out or expired: whoever holds such a token learns no more. */
export function invalidRefreshToken(): AppError {
  return new AppError('unauthenticated', 'auth.invalid_refresh_token', 'This refresh token is not valid (any more).');
}

/** Also for a session of someone else. */
export function sessionNotFound(): AppError {
  return new AppError('not_found', 'auth.session_not_found', 'You have no such session.');
}

export function emailTaken(): AppError {
  return new AppError('conflict', 'auth.email_taken', 'There is an account with this email already.');
}

export function forbidden(): AppError {
  return new AppError('forbidden', 'forbidden', 'Your account is not allowed to do this.');
}
