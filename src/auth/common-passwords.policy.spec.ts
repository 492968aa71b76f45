import { isCommonPassword } from './common-passwords.policy';

describe('a common password', () => {
  it.each(['password123', 'Password123!', 'QWERTYUIOP', '1234567890', 'basketball1987', 'aaaaaaaaaa', 'ababababab'])(
    '%s is one',
    (password) => expect(isCommonPassword(password)).toBe(true),
  );

  it.each(['correct horse battery', 'Zq7-vubelt-okra', '2026-harbour-lights'])('%s is none', (password) =>
    expect(isCommonPassword(password)).toBe(false),
  );
});
