import { Shop } from '../../support/shop';
import { Stores } from '../../support/stores';

interface Profile {
  id: string;
  email: string;
  name: string;
  phone: string | null;
}

interface ProfileList {
  items: Profile[];
  page: { limit: number; nextCursor: string | null };
}

const shop = new Shop();
const stores = new Stores();

afterAll(() => stores.close());

describe('the own profile', () => {
  it('is changed field by field, and read alike by every server', async () => {
    const customer = await shop.customer(0);
    const before = await customer.get<Profile>('/v1/users/me');
    expect(before).toMatchObject({ id: customer.userId, email: customer.email, name: 'Ada Example', phone: null });
    expect(await stores.redis.ttl(`user:${customer.userId}:profile`)).toBeGreaterThan(3_000);

    const renamed = await customer.send<Profile>('PATCH', '/v1/users/me', { name: ' Grace ' });
    expect([renamed.status, renamed.body]).toEqual([200, { ...before, name: 'Grace' }]);
    const reached = await customer.send<Profile>('PATCH', '/v1/users/me', { phone: '+15551234567' });
    expect(reached.body).toEqual({ ...before, name: 'Grace', phone: '+15551234567' });
    expect(await customer.get<Profile>('/v1/users/me')).toEqual(reached.body);
    expect((await customer.send<Profile>('PATCH', '/v1/users/me', { phone: null })).body.phone).toBeNull();
    expect((await customer.send<Profile>('PATCH', '/v1/users/me', {})).body.name).toBe('Grace');
    await stores.redis.del(`user:${customer.userId}:profile`);
    expect((await customer.get<Profile>('/v1/users/me')).name).toBe('Grace');
  });

  it.each([{ email: 'other@example.com' }, { roles: ['admin'] }, { name: null }, { name: ' ' }, { phone: 'call me' }])(
    'refuses %j',
    async (changes) => {
      const customer = await shop.customer(0);
      const answer = await customer.send('PATCH', '/v1/users/me', changes);
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    },
  );
});

describe('the list of users', () => {
  it('goes on by cursor, newest first, and names its next page', async () => {
    const made = [await shop.customer(0), await shop.customer(0), await shop.customer(0)];
    const admin = await shop.admin();
    const first = await admin.send<ProfileList>('GET', '/v1/admin/users?limit=2');
    expect(first.body.items).toHaveLength(2);
    expect(first.headers.get('link')).toContain('rel="next"');

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const path: string = `/v1/admin/users?limit=2${cursor ? `&cursor=${cursor}` : ''}`;
      const { items, page }: ProfileList = await admin.get<ProfileList>(path);
      seen.push(...items.map((user) => user.id));
      cursor = page.nextCursor;
    } while (cursor !== null && !made.every((user) => seen.includes(user.userId)));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(made.map((user) => user.userId)));
    expect(JSON.stringify(first.body)).not.toContain('argon2');
  });

  it.each(['limit=0', 'limit=101', 'limit=many', 'cursor=made-up', 'page=2'])('refuses ?%s', async (query) => {
    const answer = await (await shop.admin()).send('GET', `/v1/admin/users?${query}`);
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
  });
});
