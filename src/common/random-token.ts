import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, as text that fits into a header or an address. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of such a token, in hex. It needs no slow hash: nobody guesses 256 random bits from their SHA-256. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
