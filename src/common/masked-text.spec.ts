import { startWithoutEmails, withoutEmails } from './masked-text';

describe('a text without emails', () => {
  it.each([
    ['550 <ada@example.com>: unknown', '550 <[email]>: unknown'],
    ['to=ada.lovelace+shop@mail.example.co.uk, and bob@example.com', '[email], and [email]'],
    ['a@b@example.com', 'a@[email]'],
    ['nobody@localhost, @example.com', 'nobody@localhost, @example.com'],
  ])('%s', (text, masked) => {
    expect(withoutEmails(text)).toBe(masked);
  });

  it.each([
    ['a run without an @', 'a'.repeat(200_000)],
    ['a domain without a dot', `a@${'b'.repeat(200_000)}`],
    ['many @', 'a@'.repeat(100_000)],
    ['dots alone', `a@${'.'.repeat(200_000)}`],
    ['labels without an end', `${'a.'.repeat(100_000)}@`],
  ])('is made within a moment, whatever it is of: %s', (_what, text) => {
    const started = performance.now();
    withoutEmails(text);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe('the start of a text without emails', () => {
  it('has no half address where it is cut', () => {
    const text = '550 no ada@example.com here';
    for (let most = 0; most <= text.length + 1; most += 1) {
      expect(startWithoutEmails(text, most)).not.toMatch(/ad|@|exam/);
    }
    expect(startWithoutEmails(text, 100)).toBe('550 no [email] here');
    expect(startWithoutEmails(text, 13)).toBe('550 no ');
  });

  it('is no longer than asked for, and of a text with few spaces not nothing', () => {
    expect(startWithoutEmails('x@y.io '.repeat(1000), 1000).length).toBeLessThanOrEqual(1000);
    expect(startWithoutEmails('a'.repeat(200_000), 1000)).toHaveLength(1000 - 254);
  });
});
