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

/** The password was right: what is missing is told only to who knows it. */
export function secondFactorRequired(challengeToken: string, expiresIn: number): AppError {
  const detail = 'A code of your authenticator app is needed as well: POST /v1/auth/login/second-factor.';
  return new AppError('unauthenticated', 'auth.second_factor_required', detail, { challengeToken, expiresIn });
}

/** Forged, expired, or of an older password. */
export function invalidChallenge(): AppError {
  return new AppError('unauthenticated', 'auth.invalid_challenge', 'Please sign in with your password again.');
}

/** The password was right, whoever asks: signing in anew would not help. */
export function wrongCode(): AppError {
  return new AppError('forbidden', 'auth.wrong_code', 'This code is wrong, or was used before.');
}

export function wrongPassword(): AppError {
  return new AppError('forbidden', 'auth.wrong_password', 'The password is wrong.');
}

export function secondFactorNotFound(): AppError {
  return new AppError('not_found', 'auth.second_factor_not_found', 'No second factor was begun.');
}

/** The shop's fault and not the code's: it was sealed with another key. Nothing changes within the hour. */
export function secondFactorUnreadable(): AppError {
  return new AppError(
    'unavailable',
    'auth.second_factor_unreadable',
    'Codes of the app cannot be checked at the moment; a recovery code can.',
    {},
    3_600,
  );
}

export function secondFactorIsOn(): AppError {
  return new AppError('conflict', 'auth.second_factor_is_on', 'A second factor is on already.');
}

export function enrolmentRequired(): AppError {
  const detail = 'Admins need a second factor here: POST /v1/auth/two-factor.';
  return new AppError('forbidden', 'auth.second_factor_enrolment_required', detail);
}

export function emailTaken(): AppError {
  return new AppError('conflict', 'auth.email_taken', 'There is an account with this email already.');
}

export function forbidden(): AppError {
  return new AppError('forbidden', 'forbidden', 'Your account is not allowed to do this.');
}
