const EMAIL = /[\w.!#$%&'*+=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+/g;

/** For what is kept of other programs' words: a mail server names whom it refuses. */
export function withoutEmails(text: string): string {
  return text.replace(EMAIL, '[email]');
}
