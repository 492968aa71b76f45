import { dictionary } from '@zxcvbn-ts/language-common';

/** What is put behind a common password to make it pass. */
const APPENDED = /[\d\W_]+$/u;

let known: Set<string> | undefined;

/** The list of zxcvbn, made from leaked passwords: read when the first password is set, 49,000 words. */
function commonPasswords(): Set<string> {
  return (known ??= new Set<string>(dictionary['passwords-common']));
}

/** Whether it is one of those that everyone tries first, whatever its case and the digits or signs behind it. */
export function isCommonPassword(password: string): boolean {
  const text = password.toLowerCase();
  if (new Set(text).size < 3) return true;
  const word = text.replace(APPENDED, '');
  return commonPasswords().has(text) || (word.length > 3 && commonPasswords().has(word));
}
