import fc from 'fast-check';
import { withoutMarkup } from './plain-text';

describe('text without markup', () => {
  it.each([
    ['<b>Red</b> mug', 'Red mug'],
    ['<script>alert(1)</script>Nice', 'Nice'],
    ['<img src=x onerror=alert(1)>Mug', 'Mug'],
    ['Mug<svg/onload=alert(1)>', 'Mug'],
    ['Mug <!-- cheap --> blue', 'Mug  blue'],
    ['<a href="javascript:alert(1)">Mug</a>', 'Mug'],
    ['Mug<iframe src="//evil.example"', 'Mug< iframe src="//evil.example"'],
    ['Size <L, 20 cm, do not return', 'Size < L, 20 cm, do not return'],
    ['<b>x</b> &lt;b&gt; & &amp; when x < 3', 'x &lt;b&gt; & &amp; when x < 3'],
    ['<style>*{display:none}</style>Mug', 'Mug'],
  ])('%s becomes %s', (text, cleaned) => {
    expect(withoutMarkup(text)).toBe(cleaned);
  });

  it.each([
    'I <3 mugs',
    '5 < 6 && 7 > 6',
    'Tom & Jerry',
    'Tom &amp; Jerry',
    '&lt;script&gt;',
    'O\'Brien "Bob"',
    '->',
    'São Paulo, 東京 🍵',
    '',
  ])('%s stays as it is', (text) => {
    expect(withoutMarkup(text)).toBe(text);
  });

  it('does not make a tag of what is left when tags are gone', () => {
    expect(withoutMarkup('<<b>script>alert(1)<</b>/script>')).not.toMatch(/<\w/);
    expect(withoutMarkup('<b>x</b>&lt;script&gt;alert(1)&lt;/script&gt;')).not.toMatch(/<\w/);
    expect(withoutMarkup(`${'<<b>'.repeat(2_000)}b>`)).not.toMatch(/<\w/);
  });

  it('has nothing left to clean, whatever it was', () => {
    const part = fc.constantFrom(
      '<',
      '>',
      '</',
      '<!--',
      '-->',
      'script',
      'b',
      ' ',
      '&lt;',
      '&amp;',
      '"',
      '=',
      'x',
      '<b>',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const cleaned = withoutMarkup(parts.join(''));
        expect(withoutMarkup(cleaned)).toBe(cleaned);
        expect(cleaned).not.toMatch(/<[a-z!]/i);
      }),
    );
  });
});
