import { openText, sealText } from './sealed-text';

const SECRET = 'a secret of at least 32 characters';

describe('a sealed text', () => {
  it('opens for who has the secret, the purpose and the row', () => {
    const sealed = sealText(SECRET, 'mail', 'row 1', 'Grüße');
    expect(sealed).not.toContain('Gr');
    expect(openText(SECRET, 'mail', 'row 1', sealed)).toBe('Grüße');
    expect(sealText(SECRET, 'mail', 'row 1', 'Grüße')).not.toBe(sealed);
  });

  it.each<[string, [string, string, string]]>([
    ['another secret', [`${SECRET}x`, 'mail', 'row 1']],
    ['another purpose', [SECRET, 'second factor', 'row 1']],
    ['another row', [SECRET, 'mail', 'row 2']],
  ])('stays shut for %s', (_, [secret, purpose, about]) => {
    const sealed = sealText(SECRET, 'mail', 'row 1', 'text');
    expect(() => openText(secret, purpose, about, sealed)).toThrow();
  });

  it('stays shut when it was changed, or cut', () => {
    const sealed = sealText(SECRET, 'mail', 'row 1', 'text');
    const changed = `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'Q' : 'A'}`;
    for (const text of [changed, sealed.slice(0, 20), '']) {
      expect(() => openText(SECRET, 'mail', 'row 1', text)).toThrow();
    }
  });
});
