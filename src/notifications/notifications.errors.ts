/** The gateway answered, and took no message. */
export class SmsRefusedError extends Error {
  constructor(readonly status: number) {
    super(`the SMS gateway answered ${status}`);
    this.name = new.target.name;
  }
}

/** Sealed with another `DATA_ENCRYPTION_KEY`, or changed since. */
export class UnreadableMailError extends Error {
  constructor() {
    super('the text of the mail can not be opened');
    this.name = new.target.name;
  }
}

/** 4xx of the gateway that speak of the moment or of our credentials, not of the message. */
const SMS_FOR_NOW = new Set([401, 403, 408, 425, 429]);

/** Nodemailer's codes for what was wrong with this mail; others (connection, greeting, login) are an outage. */
const ABOUT_THE_MAIL = new Set(['EENVELOPE', 'EMESSAGE']);

/** Whether trying again cannot help: this message was refused, and not by a server that is down, busy or misused. */
export function isRefusedForGood(error: unknown): boolean {
  if (error instanceof SmsRefusedError) {
    return error.status >= 400 && error.status < 500 && !SMS_FOR_NOW.has(error.status);
  }
  if (error instanceof UnreadableMailError) return true;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  if (!ABOUT_THE_MAIL.has(error.code)) return false;
  // Without a code of the server the mailer itself found the address or the mail to be impossible.
  return !('responseCode' in error && typeof error.responseCode === 'number' && error.responseCode < 500);
}
