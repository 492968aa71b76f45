import { createHash, randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Secret, TOTP } from 'otpauth';
import type { DataSource, EntityManager } from 'typeorm';
import { Clock } from '../common/clock';
import { openText, sealText } from '../common/sealed-text';
import { inTransaction } from '../database/sql';
import type { SignedInUser } from '../http/access.decorators';
import { Settings } from '../settings/settings';
import { UsersService } from '../users/users.service';
import {
  secondFactorIsOn,
  secondFactorNotFound,
  secondFactorUnreadable,
  unauthenticated,
  wrongCode,
  wrongPassword,
} from './auth.errors';
import type { BegunSecondFactorDto, SecondFactorDto } from './dto/second-factor.dto';
import { PasswordService } from './password.service';
import { SecondFactorsRepository } from './second-factors.repository';
import { SessionsService } from './sessions.service';
import { SignInThrottle } from './sign-in-throttle.service';

const ISSUER = 'Tradepost';
const SEAL = 'second factor';
const CODE = /^\d{6}$/;
const STEP_SECONDS = 30;
/** Clocks differ, and people type slowly: the code before and the next one are taken as well. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
/** 80 random bits need no slow hash. */
const RECOVERY_CODE_BYTES = 10;

/** Whatever the case, with the dashes or without. */
function hashOf(code: string): string {
  return createHash('sha256').update(code.toUpperCase().replaceAll('-', '')).digest('hex');
}

/** As `ABCD-EFGH-IJKL-MNOP`. */
function newRecoveryCode(): string {
  const text = new Secret({ buffer: new Uint8Array(randomBytes(RECOVERY_CODE_BYTES)).buffer }).base32;
  return text.replace(/(.{4})(?=.)/g, '$1-');
}

/** Codes of an authenticator app (TOTP, RFC 6238), and the recovery codes that stand in for them. */
@Injectable()
export class SecondFactorService {
  private readonly logger = new Logger(SecondFactorService.name);

  constructor(
    @InjectDataSource('users') private readonly source: DataSource,
    private readonly factors: SecondFactorsRepository,
    private readonly users: UsersService,
    private readonly passwords: PasswordService,
    private readonly sessions: SessionsService,
    private readonly throttle: SignInThrottle,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  async state(userId: string): Promise<SecondFactorDto> {
    const factor = await this.factors.find(this.source, userId);
    return { enabled: factor?.confirmed === true, recoveryCodesLeft: factor?.recoveryCodesLeft ?? 0 };
  }

  /** Asks for the password: who finds a browser open must not lock its owner out. */
  async begin(userId: string, password: string): Promise<BegunSecondFactorDto> {
    await this.throttle.admitProof(userId);
    const user = await this.users.findWithPassword(userId);
    if (!user) throw unauthenticated();
    if (!(await this.passwords.matches(user.passwordHash, password))) throw wrongPassword();
    const secret = new Secret({ size: 20 });
    const sealed = sealText(this.settings.dataEncryptionKey, SEAL, userId, secret.base32);
    const begun = await inTransaction(this.source, (tx) => this.factors.begin(tx, userId, sealed));
    // Who knows the password but not the codes must not begin their guesses at them anew with it.
    if (!begun) throw secondFactorIsOn();
    await this.throttle.proven(userId);
    return { secret: secret.base32, otpauthUri: new TOTP({ issuer: ISSUER, label: user.email, secret }).toString() };
  }

  /** From the first right code on it is asked for. Sessions that were opened without it end, but for this one. */
  async confirm({ userId, sessionId }: SignedInUser, code: string): Promise<string[]> {
    await this.throttle.admitProof(userId);
    const factor = await this.factors.find(this.source, userId);
    if (!factor) throw secondFactorNotFound();
    if (factor.confirmed) throw secondFactorIsOn();
    const step = this.stepOf(userId, factor.sealedSecret, code);
    if (step === null) throw wrongCode();
    await this.throttle.proven(userId);
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    const ended = await inTransaction(this.source, async (tx) => {
      await this.users.lock(tx, userId);
      if (!(await this.factors.confirm(tx, userId, factor.sealedSecret, step))) throw secondFactorIsOn();
      this.factors.insertRecoveryCodes(tx, userId, codes.map(hashOf));
      return this.sessions.endOthersOf(tx, userId, sessionId);
    });
    await this.sessions.bury(...ended);
    return codes;
  }

  /**
   * Asks for a code: a stolen session can not take it away. Also the way to another phone; who has to have one can then
   * only get the next.
   */
  async disable(userId: string, code: string): Promise<void> {
    await this.throttle.admitProof(userId);
    await inTransaction(this.source, async (tx) => {
      await this.users.lock(tx, userId);
      if (!(await this.take(tx, userId, code))) throw wrongCode();
      await this.factors.remove(tx, userId);
    });
    await this.throttle.proven(userId);
  }

  /**
   * Whoever registers someone else's email may have put their own authenticator there. To be told before the email
   * counts as verified; a `confirm` under way waits, and then finds nothing.
   */
  async removeUnproven(tx: EntityManager, userId: string): Promise<void> {
    await this.users.lock(tx, userId);
    await this.factors.removeUnproven(tx, userId);
  }

  /** For who lost the phone and the recovery codes, on the word of who runs the shop. False when there is none. */
  async removeOf(email: string): Promise<boolean> {
    const user = await this.users.findByEmail(email);
    if (!user || !(await this.factors.find(this.source, user.id))) return false;
    const ended = await inTransaction(this.source, async (tx) => {
      await this.users.lock(tx, user.id);
      await this.factors.remove(tx, user.id);
      return this.sessions.endAllOf(tx, user.id);
    });
    await this.sessions.bury(...ended);
    return true;
  }

  async isAskedFor(userId: string): Promise<boolean> {
    return (await this.factors.find(this.source, userId))?.confirmed === true;
  }

  /** Uses a code of the app or a recovery code up; 401 when it is wrong, or was used before. */
  async prove(userId: string, code: string): Promise<void> {
    await this.throttle.admitProof(userId);
    if (!(await inTransaction(this.source, (tx) => this.take(tx, userId, code)))) throw wrongCode();
    await this.throttle.proven(userId);
  }

  private async take(tx: EntityManager, userId: string, code: string): Promise<boolean> {
    if (!CODE.test(code)) return this.factors.takeRecoveryCode(tx, userId, hashOf(code));
    const factor = await this.factors.find(tx, userId);
    const step = factor?.confirmed ? this.stepOf(userId, factor.sealedSecret, code) : null;
    return step !== null && this.factors.takeStep(tx, userId, step);
  }

  /** The half minute that a code is of, by the app's clock; null for a wrong one. */
  private stepOf(userId: string, sealedSecret: string, token: string): number | null {
    if (!CODE.test(token)) return null;
    const secret = this.open(userId, sealedSecret);
    const timestamp = this.clock.now().getTime();
    const delta = new TOTP({ secret, period: STEP_SECONDS }).validate({ token, timestamp, window: WINDOW });
    return delta === null ? null : Math.floor(timestamp / 1000 / STEP_SECONDS) + delta;
  }

  private open(userId: string, sealedSecret: string): Secret {
    try {
      return Secret.fromBase32(openText(this.settings.dataEncryptionKey, SEAL, userId, sealedSecret));
    } catch (error) {
      this.logger.error(
        `the second factor of ${userId} does not open: was DATA_ENCRYPTION_KEY changed? (${String(error)})`,
      );
      throw secondFactorUnreadable();
    }
  }
}
