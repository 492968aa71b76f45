/** The lookbehind is for long runs without an `@`: each is tried once, not from each of its letters. */
const EMAIL = /(?<![\w.!#$%&'*+=?^`{|}~-])[\w.!#$%&'*+=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+/g;
const OF_AN_EMAIL = /[\w.!#$%&'*+=?^`{|}~@-]/;
const LONGEST_EMAIL = 254;

/** For what is kept of other programs' words: a mail server names whom it refuses. */
export function withoutEmails(text: string): string {
  return text.replace(EMAIL, '[email]');
}

/** Of a text of any length no more than `most`, cut first: no more is looked through. Half an address is none of it. */
export function startWithoutEmails(text: string, most: number): string {
  if (text.length <= most) return withoutEmails(text).slice(0, most);
  let end = most;
  while (end > Math.max(0, most - LONGEST_EMAIL) && OF_AN_EMAIL.test(text.charAt(end - 1))) end -= 1;
  return withoutEmails(text.slice(0, end)).slice(0, most);
}
