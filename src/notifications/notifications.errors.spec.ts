import { isRefusedForGood, SmsRefusedError, UnreadableMailError } from './notifications.errors';

const smtp = (code: string, responseCode?: number) => Object.assign(new Error(code), { code, responseCode });

describe('a message refused for good', () => {
  it.each([
    ['a recipient the server does not know', smtp('EENVELOPE', 550)],
    ['a mail the server does not take', smtp('EMESSAGE', 554)],
    ['an impossible address', smtp('EENVELOPE')],
    ['a text the gateway does not take', new SmsRefusedError(400)],
    ['a text sealed with another key', new UnreadableMailError()],
    ['a number the gateway does not know', new SmsRefusedError(404)],
  ])('%s', (_what, error) => expect(isRefusedForGood(error)).toBe(true));

  it.each([
    ['a server that is down', smtp('ECONNECTION')],
    ['a server that greets with a refusal', smtp('EPROTOCOL', 554)],
    ['a login that fails', smtp('EAUTH', 535)],
    ['a full mailbox', smtp('EENVELOPE', 452)],
    ['a busy gateway', new SmsRefusedError(429)],
    ['a gateway that fails', new SmsRefusedError(503)],
    ['no answer', new Error('not sent in time')],
  ])('not: %s', (_what, error) => expect(isRefusedForGood(error)).toBe(false));
});
