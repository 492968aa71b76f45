import { randomUUID } from 'node:crypto';
import { Shop, type Answer, type Problem, type Visitor } from '../../support/shop';
import { Stores } from '../../support/stores';

interface Address {
  id: string;
  street: string;
  isDefault: boolean;
}

const ADDRESS = { street: '1 Main St', city: 'Springfield', state: 'IL', zipCode: '62701', country: 'US' };
const PATH = '/v1/users/me/addresses';

const shop = new Shop();
const stores = new Stores();

afterAll(() => stores.close());

function add(customer: Visitor, more: object = {}, headers: Record<string, string> = {}) {
  return customer.send<Address & Problem>('POST', PATH, { ...ADDRESS, ...more }, headers);
}

function change(customer: Visitor, id: string, changes: object): Promise<Answer<Address & Problem>> {
  return customer.send('PATCH', `${PATH}/${id}`, changes);
}

async function defaultsOf(customer: Visitor): Promise<string[]> {
  const { items } = await customer.get<{ items: Address[] }>(`${PATH}?limit=100`);
  return items.filter((address) => address.isDefault).map((address) => address.id);
}

describe('addresses', () => {
  it('are made, read, changed and deleted', async () => {
    const customer = await shop.customer(0);
    const { status, body } = await add(customer);
    expect([status, body]).toEqual([201, { id: expect.any(String), ...ADDRESS, isDefault: true }]);
    expect(await customer.get(`${PATH}/${body.id}`)).toEqual(body);
    expect((await change(customer, body.id, { street: '2 Main St' })).body).toEqual({ ...body, street: '2 Main St' });
    const removed = await customer.send('DELETE', `${PATH}/${body.id}`);
    expect([removed.status, removed.body]).toEqual([204, null]);
    expect((await customer.send('GET', `${PATH}/${body.id}`)).status).toBe(404);
    expect(await defaultsOf(customer)).toEqual([]);
  });

  it('are made once for an Idempotency-Key', async () => {
    const customer = await shop.customer(0);
    const key = { 'idempotency-key': randomUUID() };
    const first = await add(customer, {}, key);
    const again = await add(customer, {}, key);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(again.body).toEqual(first.body);
    expect((await add(customer, { street: 'Elsewhere' }, key)).status).toBe(422);
    expect((await customer.get<{ items: Address[] }>(PATH)).items).toHaveLength(1);
  });

  it('of someone else are not there', async () => {
    const [owner, other] = await Promise.all([shop.customer(0), shop.customer(0)]);
    const { id } = (await add(owner)).body;
    const answers = await Promise.all([
      other.send('GET', `${PATH}/${id}`),
      other.send('PATCH', `${PATH}/${id}`, { street: 'Mine' }),
      other.send('DELETE', `${PATH}/${id}`),
      other.send('GET', `${PATH}/${randomUUID()}`),
    ]);
    for (const { status, body } of answers) expect([status, body.code]).toEqual([404, 'address.not_found']);
    expect((await owner.get<Address>(`${PATH}/${id}`)).street).toBe(ADDRESS.street);
  });

  it.each([{ isDefault: 'yes' }, { city: null }, { zipCode: 'x'.repeat(21) }, { userId: randomUUID() }])(
    'are refused with %j',
    async (wrong) => {
      const customer = await shop.customer(0);
      const answer = await add(customer, wrong);
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
      expect((await customer.send('GET', `${PATH}/not-an-id`)).status).toBe(400);
    },
  );
});

describe('the default address', () => {
  it('is the first, then the one last chosen, then the oldest left', async () => {
    const customer = await shop.customer(0);
    const first = (await add(customer)).body.id;
    const second = (await add(customer)).body.id;
    expect(await defaultsOf(customer)).toEqual([first]);
    const third = (await add(customer, { isDefault: true })).body.id;
    expect(await defaultsOf(customer)).toEqual([third]);
    expect((await change(customer, second, { isDefault: true })).body.isDefault).toBe(true);
    expect(await defaultsOf(customer)).toEqual([second]);
    const refused = await change(customer, second, { isDefault: false });
    expect([refused.status, refused.body.code]).toEqual([409, 'address.default_required']);
    await customer.send('DELETE', `${PATH}/${second}`);
    expect(await defaultsOf(customer)).toEqual([first]);
  });

  it('is exactly one, whatever happens at the same time', async () => {
    const customer = await shop.customer(0);
    const made = await Promise.all(Array.from({ length: 10 }, () => add(customer, { isDefault: true })));
    expect(made.map(({ status }) => status)).toEqual(made.map(() => 201));
    expect(await defaultsOf(customer)).toHaveLength(1);

    const ids = made.map(({ body }) => body.id);
    const answers = await Promise.all([
      ...ids.slice(0, 5).map((id) => change(customer, id, { isDefault: true })),
      ...ids.slice(5).map((id) => customer.send('DELETE', `${PATH}/${id}`)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 204, 204, 204, 204, 204]);
    expect(await defaultsOf(customer)).toHaveLength(1);
  });
});
