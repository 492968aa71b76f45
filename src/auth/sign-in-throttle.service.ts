import { Injectable } from '@nestjs/common';
import type { Sender } from '../http/sender.decorator';
import { AttemptsService, type AttemptKind } from './attempts.service';
import { tooManyAttempts } from './auth.errors';
import { SessionsRepository } from './sessions.repository';

/**
 * Who may try to sign in now. Whether the email has an account makes no difference: those without one are counted
 * alike. An owner is not locked out by others' attempts where they signed in before.
 */
@Injectable()
export class SignInThrottle {
  constructor(
    private readonly attempts: AttemptsService,
    private readonly sessions: SessionsRepository,
  ) {}

  /** Counts the attempt; 429 with the time to wait for when there were too many. Tells whether it counts for the account. */
  async admit(email: string, sender: Sender): Promise<boolean> {
    const { address, place, account } = countedOf(email, sender);
    await this.require('address', address);
    const placeWaits = await this.attempts.take('place', place);
    if (placeWaits > 0) {
      await this.attempts.giveBack('address', address);
      throw tooManyAttempts(placeWaits);
    }
    const accountWaits = await this.attempts.take('account', account);
    if (accountWaits === 0) return true;
    if (await this.sessions.isKnownPlace(account, sender.ipPrefix)) return false;
    await Promise.all([this.attempts.giveBack('address', address), this.attempts.giveBack('place', place)]);
    throw tooManyAttempts(accountWaits);
  }

  /** The password was right. What others tried for the account meanwhile stays counted. */
  async welcome(email: string, sender: Sender, counted: boolean): Promise<void> {
    const { address, place, account } = countedOf(email, sender);
    await Promise.all([
      this.attempts.forget('place', place),
      this.attempts.giveBack('address', address),
      counted ? this.attempts.giveBack('account', account) : undefined,
    ]);
  }

  /** The password is a new one: whatever was tried before was another. */
  async beginAnew(email: string): Promise<void> {
    await this.attempts.forget('account', email.toLowerCase());
  }

  /** Counts an account that is made: a mail goes to whomever they say. */
  admitRegistration(sender: Sender): Promise<void> {
    return this.require('registering', sender.address);
  }

  /** Counts a mail that someone has sent to an account. */
  async admitMail(email: string, sender: Sender): Promise<void> {
    await this.require('mailing', sender.address);
    await this.require('mail', email.toLowerCase());
  }

  /** Counts a password or a code of a user who is known already. */
  admitProof(userId: string): Promise<void> {
    return this.require('proof', userId);
  }

  proven(userId: string): Promise<void> {
    return this.attempts.forget('proof', userId);
  }

  /** The password was right; who knows it but not the codes must not begin their guesses at them anew with it. */
  passwordProven(userId: string): Promise<void> {
    return this.attempts.giveBack('proof', userId);
  }

  private async require(kind: AttemptKind, who: string): Promise<void> {
    const waits = await this.attempts.take(kind, who);
    if (waits > 0) throw tooManyAttempts(waits);
  }
}

function countedOf(email: string, { address, ipPrefix }: Sender) {
  const account = email.toLowerCase();
  return { address, account, place: `${account} ${ipPrefix}` };
}
