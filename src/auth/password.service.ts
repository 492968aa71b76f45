import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { inBody, ValidationError } from '../common/app-error';
import { isCommonPassword } from './common-passwords.policy';

/** OWASP's recommendation for Argon2id, which is the package's default algorithm. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Shorter than that, the part of an email before the @ is in many a good password. */
const SHORTEST_NAME = 4;

function refuse(message: string): never {
  throw new ValidationError([inBody('password', message)]);
}

@Injectable()
export class PasswordService {
  /** The hash of a password nobody knows. */
  private readonly nobodys = hash(randomBytes(32), ARGON2ID);

  /** 400 for a new password that would be guessed; how long it must be is told by the DTO. */
  check(password: string, email: string): void {
    const name = (email.split('@')[0] ?? '').toLowerCase();
    if (name.length >= SHORTEST_NAME && password.toLowerCase().includes(name)) {
      refuse('must not contain the name of your email address');
    }
    if (isCommonPassword(password)) refuse('is one of the most common passwords; please choose another');
  }

  hash(password: string): Promise<string> {
    return hash(password, ARGON2ID);
  }

  /** Without a hash (no such account) it takes as long and is false: the time tells nobody which emails exist. */
  async matches(passwordHash: string | null, password: string): Promise<boolean> {
    const matches = await verify(passwordHash ?? (await this.nobodys), password);
    return matches && passwordHash !== null;
  }
}
