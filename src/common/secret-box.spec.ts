import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret-box';

describe('a secret at rest', () => {
  const box = new SecretBox(randomBytes(32).toString('base64'));

  it('opens for its owner, by its key, untouched', () => {
    const sealed = box.seal('whsec_abc', 'one');
    expect(box.open(sealed, 'one')).toBe('whsec_abc');
    expect(sealed.toString('latin1')).not.toContain('whsec');
    expect(() => box.open(sealed, 'other')).toThrow();
    expect(() => new SecretBox(randomBytes(32).toString('base64')).open(sealed, 'one')).toThrow();
    const touched = Buffer.from(sealed);
    touched[touched.length - 1] = (touched.at(-1) ?? 0) ^ 1;
    expect(() => box.open(touched, 'one')).toThrow();
  });

  it('looks different each time', () => {
    expect(box.seal('same', 'one').equals(box.seal('same', 'one'))).toBe(false);
  });
});
