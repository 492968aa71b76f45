const ENDS_IN_A_WORD = /(^|\s)([\p{L}\p{N}]{2,})$/u;

/** As the words of the shop are kept: lower case, without accents. */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** People search while they type: the last word may be a beginning. Not so after a minus or a quote. */
export function splitLastWord(text: string): { head: string; last: string } {
  const last = ENDS_IN_A_WORD.exec(text)?.[2];
  return last === undefined ? { head: text, last: '' } : { head: text.slice(0, -last.length), last: plain(last) };
}

/** The text with each misspelt word as it was probably meant. */
export function corrected(text: string, corrections: ReadonlyMap<string, string>): string {
  return plain(text).replace(/[\p{L}\p{N}]+/gu, (word) => corrections.get(word) ?? word);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\u0001': '<mark>',
  '\u0002': '</mark>',
};

/** Safe to put into a page: everything is escaped but the marks around what was found. */
export function markedHtml(marked: string): string {
  return marked.replace(/[&<>"'\u0001\u0002]/g, (character) => ESCAPES[character] ?? '');
}
