import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Settings } from '../settings/settings';

export interface SigningKey {
  /** Names the key in a token's header. */
  kid: string;
  /** A key object is prepared once; a string would be at every verification, at fifty times the cost. */
  key: KeyObject;
}

/** The name is made of the secret: nobody can give one secret two names, or two secrets the same. */
function signingKey(secret: string, purpose: string | null): SigningKey {
  const kid = createHmac('sha256', secret)
    .update(`tradepost key id ${purpose ?? ''}`)
    .digest('hex')
    .slice(0, 16);
  if (purpose === null) return { kid, key: createSecretKey(secret, 'utf8') };
  return { kid, key: createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32))) };
}

/** Keys of HS256: the newest signs, the others are of before, or to come, and only taken. */
export class SigningKeys {
  readonly newest: SigningKey;
  private readonly byKid: ReadonlyMap<string, KeyObject>;

  /** With a purpose they are keys of their own: what was signed for one is worth nothing for another. */
  constructor({ jwtSecret, jwtAcceptedSecrets }: Settings, purpose: string | null = null) {
    this.newest = signingKey(jwtSecret, purpose);
    const others = jwtAcceptedSecrets.map((secret) => signingKey(secret, purpose));
    this.byKid = new Map([this.newest, ...others].map(({ kid, key }) => [kid, key]));
  }

  /** The key that a token names, or null. Tokens of before keys had names are signed by the secret that signs. */
  of(token: string): KeyObject | null {
    const kid = kidOf(token);
    return kid === undefined ? this.newest.key : (this.byKid.get(kid) ?? null);
  }

  /** As the JWT library asks for it. */
  readonly provide = (_: unknown, token: unknown): KeyObject => {
    if (typeof token !== 'string') return this.newest.key;
    const key = this.of(token);
    if (!key) throw new Error('signed by a key that is none of ours');
    return key;
  };
}

/** What the header says, which is not checked yet: it only chooses among our keys. */
function kidOf(token: string): string | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
    if (typeof header !== 'object' || header === null || !('kid' in header)) return undefined;
    return String(header.kid);
  } catch {
    return undefined;
  }
}
