import { eventually } from './eventually';
import { listed } from './shop';
import { readStack } from './stack';

export interface CaughtMail {
  to: string;
  subject: string;
  text: string;
}

/** What was mailed to an address, oldest first. */
export async function mailsTo(email: string, about: RegExp): Promise<CaughtMail[]> {
  const mails = await listed<CaughtMail>(readStack().mailUrl);
  return mails.filter(({ to, subject }) => to === email && about.test(subject));
}

/** The tokens in an account's mails, once there are as many. */
export function mailedTokens(email: string, about: RegExp, count = 1): Promise<string[]> {
  return eventually(`${count} mails to ${email} about ${about.source}`, async () => {
    const tokens = (await mailsTo(email, about)).map(({ text }) => /your token is ([\w-]+)\./.exec(text)?.[1] ?? '');
    return tokens.length >= count && tokens;
  });
}
