import type { EnvironmentReader } from './environment.reader';

/** What keeps accounts their owners': keys, and what is asked of whom. */
export function readAccountSettings(read: EnvironmentReader) {
  const jwtSecret = read.text('JWT_SECRET', {
    isSecret: true,
    minLength: 32,
    meaning: 'Secret that signs access tokens (HS256)',
  });
  const jwtAcceptedSecrets = read
    .text('JWT_ACCEPTED_SECRETS', {
      isSecret: true,
      default: '',
      pattern: /^$|^[^\s,]{32,}(,[^\s,]{32,})*$/,
      meaning: 'Other secrets whose tokens are taken, with commas: the ones before, or the next one, during a rotation',
    })
    .split(',')
    .filter((secret) => secret !== '');
  const dataEncryptionKey = read.text('DATA_ENCRYPTION_KEY', {
    isSecret: true,
    minLength: 32,
    meaning: 'Encrypts what must be read again: secrets of second factors and of webhooks, mails with a token',
  });
  const adminSecondFactor = read.choice('ADMIN_SECOND_FACTOR', ['optional', 'required'], {
    default: 'optional',
    meaning: 'Whether admins need a second factor: one without can do nothing but get one',
  });
  const sessionTtlSeconds = read.integer('SESSION_TTL_SECONDS', {
    default: 86_400,
    min: 60,
    max: 2_592_000,
    meaning: 'Life of an access token, in seconds',
  });
  const guestCartDays = read.integer('GUEST_CART_DAYS', {
    default: 30,
    min: 1,
    max: 365,
    meaning: 'A cart of someone who has not signed in is gone this many days after its last change',
  });
  const adminEmail = read.text('ADMIN_EMAIL', {
    default: '',
    meaning: 'Email of the admin that `create-admin` makes',
  });
  const adminPassword = read.text('ADMIN_PASSWORD', {
    isSecret: true,
    default: '',
    meaning: 'Password that this admin is made with',
  });
  return {
    jwtSecret,
    jwtAcceptedSecrets,
    dataEncryptionKey,
    adminSecondFactor,
    sessionTtlSeconds,
    guestCartDays,
    adminEmail,
    adminPassword,
  };
}
