import { randomInt, randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { OwnServer } from '../../support/own-server';
import { mailedTokens, mailsTo } from '../../support/mailbox';
import { Shop, Visitor, type Answer, type Problem } from '../../support/shop';
import { Stores } from '../../support/stores';

const PASSWORD = 'correct horse battery';
const NEXT_PASSWORD = 'an ocean of quiet ink';
const shop = new Shop();
const anyone = shop.visitor(0);
const stores = new Stores();

afterAll(() => stores.close());

interface Session {
  user: { id: string; email: string };
  accessToken: string;
}

type LoginAnswer = Answer<Session & Problem & { challengeToken: string; expiresIn: number }>;

/** Someone with an authenticator app. */
class Person {
  recoveryCodes: string[] = [];
  private secret = '';

  constructor(
    readonly email: string,
    readonly userId: string,
    public visitor: Visitor,
  ) {}

  static async register(baseUrl = shop.visitor(0).baseUrl): Promise<Person> {
    const email = `two-factor-${randomUUID()}@example.com`;
    const account = { email, password: PASSWORD, name: 'Ada Example' };
    // All servers count together: here is one with the limits of the shop.
    const from = { 'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}` };
    const { user, accessToken } = await new Visitor(baseUrl).post<Session>('/v1/auth/register', account, from);
    return new Person(email, user.id, new Visitor(baseUrl, accessToken));
  }

  /** The code of now, or the next one: both are taken, and no later half minute makes them too old meanwhile. */
  code(which: 'now' | 'next' = 'now'): string {
    const timestamp = Date.now() + (which === 'next' ? 30_000 : 0);
    return new TOTP({ secret: Secret.fromBase32(this.secret) }).generate({ timestamp });
  }

  begin(password = PASSWORD): Promise<Answer<{ secret: string; otpauthUri: string } & Problem>> {
    return this.visitor.send('POST', '/v1/auth/two-factor', { password });
  }

  async enrol(password = PASSWORD): Promise<void> {
    const begun = await this.begin(password);
    expect(begun.status).toBe(200);
    this.secret = begun.body.secret;
    const confirmed = await this.confirm(this.code());
    expect(confirmed.status).toBe(200);
    this.recoveryCodes = confirmed.body.recoveryCodes;
  }

  confirm(code: string): Promise<Answer<{ recoveryCodes: string[] } & Problem>> {
    return this.visitor.send('POST', '/v1/auth/two-factor/confirm', { code });
  }

  login(password = PASSWORD): Promise<LoginAnswer> {
    return new Visitor(this.visitor.baseUrl).send('POST', '/v1/auth/login', { email: this.email, password });
  }

  /** As who reads the mailbox. */
  async reset(password = NEXT_PASSWORD): Promise<void> {
    const before = (await mailsTo(this.email, /new password/)).length;
    await anyone.send('POST', '/v1/auth/password/forgot', { email: this.email });
    const token = (await mailedTokens(this.email, /new password/, before + 1)).at(-1);
    expect((await anyone.send('POST', '/v1/auth/password/reset', { token, password })).status).toBe(204);
  }

  async recoveryCodesKept(): Promise<number> {
    return (await stores.rows('users', 'SELECT 1 FROM recovery_codes WHERE user_id = $1', [this.userId])).length;
  }

  async challenge(): Promise<string> {
    return (await this.login()).body.challengeToken;
  }

  answer(challengeToken: string, code: string, server?: number): Promise<LoginAnswer> {
    const baseUrl = server === undefined ? this.visitor.baseUrl : shop.visitor(server).baseUrl;
    return new Visitor(baseUrl).send('POST', '/v1/auth/login/second-factor', { challengeToken, code });
  }
}

describe('a second factor', () => {
  it('is asked for at sign-in once it is confirmed, and a code is taken once, whoever comes at the same time', async () => {
    const person = await Person.register();
    expect((await person.login()).status).toBe(200);
    await person.enrol();
    const asked = await person.login();
    expect(asked.status).toBe(401);
    expect(asked.body).toMatchObject({ code: 'auth.second_factor_required', expiresIn: 300 });
    expect(asked.body.accessToken).toBeUndefined();

    // The one that confirmed it was taken as well.
    const challenge = asked.body.challengeToken;
    expect((await person.answer(challenge, person.code())).body.code).toBe('auth.wrong_code');
    const code = person.code('next');
    const answers = await Promise.all([0, 1, 0, 1].map((server) => person.answer(challenge, code, server)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403]);
    const token = answers.find(({ status }) => status === 200)?.body.accessToken;
    expect((await new Visitor(person.visitor.baseUrl, token).send('GET', '/v1/users/me')).status).toBe(200);
    expect(await person.visitor.get('/v1/auth/two-factor')).toEqual({ enabled: true, recoveryCodesLeft: 10 });
  });

  it('is begun with the password only, and asked for by nobody before its first right code', async () => {
    const person = await Person.register();
    const refused = await person.begin('a wrong password');
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.wrong_password']);
    const begun = await person.begin();
    expect(begun.body.otpauthUri).toMatch(/^otpauth:\/\/totp\/Tradepost:two-factor-.*secret=[A-Z2-7]{32}&/);
    expect((await person.confirm('000000')).body.code).toBe('auth.wrong_code');
    expect((await person.login()).status).toBe(200);
    await person.enrol();
    expect((await person.begin()).body.code).toBe('auth.second_factor_is_on');
    expect((await person.confirm(person.code('next'))).body.code).toBe('auth.second_factor_is_on');
  });

  it('ends the sessions that were opened without it, but for the one that confirmed it', async () => {
    const person = await Person.register();
    const other = new Visitor(shop.visitor(1).baseUrl, (await person.login()).body.accessToken);
    expect((await other.send('GET', '/v1/users/me')).status).toBe(200);
    await person.enrol();
    expect((await other.send('GET', '/v1/users/me')).status).toBe(401);
    expect((await person.visitor.send('GET', '/v1/users/me')).status).toBe(200);
  });

  it('is stood in for by each recovery code, once', async () => {
    const person = await Person.register();
    await person.enrol();
    expect(person.recoveryCodes).toHaveLength(10);
    expect(person.recoveryCodes[0]).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/);
    const [first = '', second = ''] = person.recoveryCodes;
    const challenge = await person.challenge();
    const answers = await Promise.all([0, 1, 0].map((server) => person.answer(challenge, first, server)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
    const typed = second.toLowerCase().replaceAll('-', '');
    expect((await person.answer(challenge, typed)).status).toBe(200);
    expect(await person.visitor.get('/v1/auth/two-factor')).toEqual({ enabled: true, recoveryCodesLeft: 8 });
  });

  it('lies nowhere in clear: its secret is sealed, its recovery codes are hashed', async () => {
    const person = await Person.register();
    const { body } = await person.begin();
    const kept = () => stores.rows('users', 'SELECT * FROM second_factors WHERE user_id = $1', [person.userId]);
    expect(JSON.stringify(await kept())).not.toContain(body.secret);
    await person.enrol();
    const codes = await stores.rows('users', 'SELECT * FROM recovery_codes WHERE user_id = $1', [person.userId]);
    for (const code of person.recoveryCodes) expect(JSON.stringify(codes)).not.toContain(code.replaceAll('-', ''));
    // Sealed for its own row: in another one it opens nothing.
    const other = await Person.register();
    await other.enrol();
    await stores.rows(
      'users',
      `UPDATE second_factors SET last_step = 0, sealed_secret =
         (SELECT sealed_secret FROM second_factors own WHERE own.user_id = $2)
       WHERE user_id = $1`,
      [other.userId, person.userId],
    );
    // As after another DATA_ENCRYPTION_KEY: the shop says that it is its own fault, and recovery codes still sign in.
    const unreadable = await other.answer(await other.challenge(), person.code('next'));
    expect(unreadable).toMatchObject({ status: 503, body: { code: 'auth.second_factor_unreadable' } });
    expect(unreadable.headers.get('retry-after')).toBe('3600');
    expect((await other.answer(await other.challenge(), other.recoveryCodes[0] ?? '')).status).toBe(200);
  });

  it('is taken away by a code, and by nothing else', async () => {
    const person = await Person.register();
    await person.enrol();
    const remove = (code: string) => person.visitor.send('DELETE', '/v1/auth/two-factor', { code });
    expect((await remove('000000')).body.code).toBe('auth.wrong_code');
    expect((await remove(PASSWORD)).body.code).toBe('auth.wrong_code');
    expect((await remove(person.code('next'))).status).toBe(204);
    expect((await person.login()).status).toBe(200);
  });

  it('stays asked for after the password was reset, and older challenges are worth nothing', async () => {
    const person = await Person.register();
    const [verification] = await mailedTokens(person.email, /verify your email/);
    await shop.visitor(0).send('POST', '/v1/auth/email/verify', { token: verification });
    await person.enrol();
    const challenge = await person.challenge();
    await person.reset();
    expect((await person.answer(challenge, person.code('next'))).body.code).toBe('auth.invalid_challenge');
    expect((await person.login(NEXT_PASSWORD)).body.code).toBe('auth.second_factor_required');
    expect(await person.recoveryCodesKept()).toBe(10);
  });

  it('of who registered an email that was not theirs does not keep out its owner, who resets the password', async () => {
    const stranger = await Person.register();
    await stranger.enrol();
    await stranger.reset();
    const owner = await stranger.login(NEXT_PASSWORD);
    expect(owner.status).toBe(200);
    expect(await stranger.recoveryCodesKept()).toBe(0);
    // From then on the mailbox is shown to be theirs, and a second factor is the owner's own.
    const person = new Person(stranger.email, stranger.userId, new Visitor(anyone.baseUrl, owner.body.accessToken));
    await person.enrol(NEXT_PASSWORD);
    await person.reset(PASSWORD);
    expect((await person.login(PASSWORD)).body.code).toBe('auth.second_factor_required');
  });

  it('nor does it where the owner followed the link of the first mail before', async () => {
    const stranger = await Person.register();
    await stranger.enrol();
    const [verification] = await mailedTokens(stranger.email, /verify your email/);
    await anyone.send('POST', '/v1/auth/email/verify', { token: verification });
    await stranger.reset();
    expect((await stranger.login(NEXT_PASSWORD)).status).toBe(200);
  });

  it('has challenges that are no access tokens, nor the other way round', async () => {
    const person = await Person.register();
    await person.enrol();
    const challenge = await person.challenge();
    const asBearer = await new Visitor(person.visitor.baseUrl, challenge).send('GET', '/v1/users/me');
    expect(asBearer.status).toBe(401);
    for (const token of [person.visitor.token ?? '', `${challenge.slice(0, -2)}AA`, 'made-up']) {
      expect((await person.answer(token, person.code('next'))).body.code).toBe('auth.invalid_challenge');
    }
  });
});

describe('where admins need one', () => {
  let server: OwnServer;

  beforeAll(async () => {
    const port = Number(new URL(shop.stack.apiUrls[0] ?? '').port) + 12;
    const env = {
      ADMIN_SECOND_FACTOR: 'required',
      RATE_LIMIT_SCALE: '1',
      RATE_LIMIT_PER_MINUTE: '10000',
      RATE_LIMIT_SENSITIVE_PER_MINUTE: '10000',
    };
    server = await OwnServer.start(port, { ...env, SERVER_DB_POOL: '4' });
  }, 90_000);

  afterAll(() => server.stop());

  it('an admin without one can only get one, and then does all that admins do, at once', async () => {
    const person = await Person.register(server.visitor.baseUrl);
    await stores.rows('users', `UPDATE users SET roles = '{admin}' WHERE id = $1`, [person.userId]);
    for (const path of ['/v1/admin/users', '/v1/users/me', '/v1/cart', '/v1/auth/sessions']) {
      await stores.redis.del(`session:${await sessionOf(person)}`);
      const answer = await person.visitor.send('GET', path);
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'auth.second_factor_enrolment_required']);
    }
    await person.enrol();
    for (const path of ['/v1/admin/users', '/v1/users/me', '/v1/cart']) {
      expect((await person.visitor.send('GET', path)).status).toBe(200);
    }
    const removed = await person.visitor.send('DELETE', '/v1/auth/two-factor', { code: person.code('next') });
    expect(removed.status).toBe(204);
    // For another phone: until then nothing else is open.
    const before = await person.visitor.send('GET', '/v1/admin/users');
    expect(before.body.code).toBe('auth.second_factor_enrolment_required');
    await person.enrol();
    expect((await person.visitor.send('GET', '/v1/admin/users')).status).toBe(200);
  });

  it('customers do not', async () => {
    const person = await Person.register(server.visitor.baseUrl);
    expect((await person.visitor.send('GET', '/v1/users/me')).status).toBe(200);
  });

  it('codes are not guessed: after five one has to wait', async () => {
    const person = await Person.register(server.visitor.baseUrl);
    await person.enrol();
    const challenge = await person.challenge();
    const answers = await Promise.all(Array.from({ length: 20 }, () => person.answer(challenge, '000000')));
    expect(answers.filter(({ status }) => status === 403).length).toBeLessThanOrEqual(5);
    const refused = await person.answer(challenge, person.code('next'));
    expect([refused.status, refused.body.code]).toEqual([429, 'auth.too_many_attempts']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('nor by who knows the password, and shows it between the guesses', async () => {
    const person = await Person.register(server.visitor.baseUrl);
    await person.enrol();
    const guesses = [];
    for (let i = 0; i < 6; i += 1) {
      await person.begin();
      guesses.push((await person.visitor.send('DELETE', '/v1/auth/two-factor', { code: '000000' })).status);
    }
    expect(guesses.filter((status) => status === 403).length).toBeLessThanOrEqual(3);
    expect(guesses.at(-1)).toBe(429);
  });

  it('nor by who is refused the end of the account between them, for the password of it', async () => {
    const person = await Person.register(server.visitor.baseUrl);
    await person.enrol();
    await stores.rows('users', `UPDATE users SET roles = '{support}' WHERE id = $1`, [person.userId]);
    const guesses = [];
    for (let i = 0; i < 7; i += 1) {
      guesses.push((await person.visitor.send('DELETE', '/v1/auth/two-factor', { code: '000000' })).status);
      const ended = await person.visitor.send<Problem>('DELETE', '/v1/users/me', { password: PASSWORD });
      expect(ended.body.code).toBe(i < 4 ? 'erasure.staff_account' : 'auth.too_many_attempts');
    }
    expect(guesses).toEqual([403, 403, 403, 403, 403, 429, 429]);
  });

  async function sessionOf(person: Person): Promise<string> {
    const text = 'SELECT id FROM sessions WHERE user_id = $1';
    return (await stores.row<{ id: string }>('users', text, [person.userId])).id;
  }
});
