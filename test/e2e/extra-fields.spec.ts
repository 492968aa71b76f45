import { isObject } from '../../src/http/openapi/json';
import { AttackedShop } from '../support/attacked-shop';
import { inTurns, sendCrafted, type CraftedRequest } from '../support/crafted-requests';

/** What a client must not say of itself or of a thing. */
const EXTRA = {
  role: 'admin',
  roles: ['admin'],
  id: '0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2001',
  userId: '0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2001',
  price: { amount: '0.01', currency: 'USD' },
  total: '0.01',
  status: 'confirmed',
  emailVerified: true,
  version: 0,
};

const hasBody = ({ body, path }: CraftedRequest): boolean => isObject(body) && !path.startsWith('/v1/webhooks/');

/** The fields that the problem names. */
function refusedFields(text: string): string[] {
  const problem: { errors?: { field: string }[] } = JSON.parse(text);
  return (problem.errors ?? []).map(({ field }) => field);
}

describe('fields that nobody asked for', () => {
  let attacked: AttackedShop;
  beforeAll(async () => {
    attacked = await AttackedShop.open();
  }, 60_000);
  afterAll(() => attacked.close());

  it('are refused by name, in every body of every route', async () => {
    const wrong: string[] = [];
    const requests = attacked.requests.filter(hasBody);
    expect(requests.length).toBeGreaterThan(30);
    await inTurns(requests, 6, async (request) => {
      const body = isObject(request.body) ? request.body : {};
      const extra = Object.fromEntries(Object.entries(EXTRA).filter(([name]) => !(name in body)));
      const answer = await sendCrafted(attacked.senderOf(request), { ...request, body: { ...body, ...extra } });
      const named = answer.status === 400 ? refusedFields(answer.text) : [];
      const missed = Object.keys(extra).filter((name) => !named.includes(name));
      if (missed.length > 0) wrong.push(`${request.name}: ${answer.status}, took ${missed.join(', ')}`);
    });
    expect(wrong).toEqual([]);
  }, 60_000);

  it('are refused inside of what a body holds', async () => {
    const wrong: string[] = [];
    await inTurns(attacked.requests.filter(hasBody), 6, async (request) => {
      const body = isObject(request.body) ? request.body : {};
      for (const [name, inner] of Object.entries(body)) {
        // Attributes have the names that staff give them.
        if (!isObject(inner) || name === 'attributes') continue;
        const spoiled = { ...request, body: { ...body, [name]: { ...inner, role: 'admin' } } };
        const answer = await sendCrafted(attacked.senderOf(request), spoiled);
        const named = answer.status === 400 ? refusedFields(answer.text) : [];
        if (!named.includes(`${name}.role`)) wrong.push(`${request.name}: ${answer.status}, took ${name}.role`);
      }
    });
    expect(wrong).toEqual([]);
  }, 60_000);

  it.each(['{"__proto__":{"isAdmin":true}}', '{"constructor":{"prototype":{"isAdmin":true}}}'])(
    'are refused where they are %s, and reach no other object',
    async (raw) => {
      const wrong: string[] = [];
      await inTurns(attacked.requests.filter(hasBody), 6, async (request) => {
        const { status } = await sendCrafted(attacked.senderOf(request), request, raw);
        if (status !== 400) wrong.push(`${request.name}: ${status}`);
      });
      expect(wrong).toEqual([]);
    },
    60_000,
  );

  it('are refused or dropped in queries named __proto__, constructor and prototype', async () => {
    const names = ['__proto__', '__proto__[isAdmin]', 'constructor', 'constructor[prototype][isAdmin]', 'prototype'];
    const wrong: string[] = [];
    const lists = attacked.requests.filter(({ method, query }) => method === 'get' && Object.keys(query).length > 0);
    await inTurns(lists, 6, async (request) => {
      for (const name of names) {
        const spoiled = { ...request, query: { ...request.query, [name]: 'true' } };
        const { status, text } = await sendCrafted(attacked.senderOf(request), spoiled);
        if (status >= 500 || text.includes('isAdmin":')) wrong.push(`${request.name} ${name}: ${status}`);
      }
    });
    expect(wrong).toEqual([]);
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
    expect((await attacked.customer.send('GET', '/v1/admin/users')).status).toBe(403);
  }, 60_000);
});
