import { corrected, markedHtml, plain, splitLastWord } from './search-text.mapper';

describe('the text of a search', () => {
  it('ends in a word that may be a beginning', () => {
    expect(splitLastWord('brass Lan')).toEqual({ head: 'brass ', last: 'lan' });
    expect(splitLastWord('Café')).toEqual({ head: '', last: 'cafe' });
  });

  it.each(['lantern -brass', '"brass lantern"', 'a', '', 'brass '])('does not in: %s', (text) => {
    expect(splitLastWord(text)).toEqual({ head: text, last: '' });
  });

  it('is kept without case and accents', () => {
    expect(plain('Crème BRÛLÉE')).toBe('creme brulee');
  });

  it('is corrected word by word', () => {
    expect(corrected('"Bras" Lantren', new Map([['lantren', 'lantern']]))).toBe('"bras" lantern');
  });

  it('is marked, and nothing else in it is HTML', () => {
    expect(markedHtml('<b>\u0001Brass\u0002</b> & "more"')).toBe(
      '&lt;b&gt;<mark>Brass</mark>&lt;/b&gt; &amp; &quot;more&quot;',
    );
  });
});
