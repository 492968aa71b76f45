import { AppError } from '../common/app-error';

export function unauthenticated(): AppError {
  return new AppError('unauthenticated', 'unauthenticated', 'Please sign in.');
}

/** The same for an unknown email and a wrong password: which emails have an account is not told. */
export function wrongCredentials(): AppError {
  return new AppError('unauthenticated', 'auth.wrong_credentials', 'Email or password is wrong.');
}

export function tooManyAttempts(waitSeconds: number): AppError {
  const detail = 'There were too many attempts. Please wait before you try again.';
  return new AppError('too_many_requests', 'auth.too_many_attempts', detail, {}, waitSeconds);
}

/** Unknown, used before, signed out or expired: whoever holds such a token learns no more. */
export function invalidRefreshToken(): AppError {
  return new AppError('unauthenticated', 'auth.invalid_refresh_token', 'This refresh token is not valid (any more).');
}

/** Also for a session of someone else. */
export function sessionNotFound(): AppError {
  return new AppError('not_found', 'auth.session_not_found', 'You have no such session.');
}

/** Unknown, used before or expired: whoever holds such a token learns no more. */
export function invalidMailedToken(): AppError {
  return new AppError('invalid', 'auth.invalid_token', 'This token is not valid (any more): ask for a new one.');
}

export function emailTaken(): AppError {
  return new AppError('conflict', 'auth.email_taken', 'There is an account with this email already.');
}

export function forbidden(): AppError {
  return new AppError('forbidden', 'forbidden', 'Your account is not allowed to do this.');
}
