import { isObject } from '../../src/http/openapi/json';
import { AttackedShop } from '../support/attacked-shop';
import { inTurns, leavesOf, sendCrafted, withLeaf, type CraftedRequest } from '../support/crafted-requests';

/** Texts that mean something to a database, a template, a shell of headers or a file system. */
const PAYLOADS = [
  `' OR '1'='1`,
  `'; SELECT pg_sleep(9); --`,
  `") UNION SELECT password_hash FROM users --`,
  `{"$gt":""}`,
  '${7*7}{{7*7}}<%=7*7%>',
  '../../../../etc/passwd',
  '%00\r\nX-Injected: yes',
  '\u0000',
];
/** An operator of MongoDB where a text belongs. */
const OPERATOR = { $ne: null };

/** What only the shop's inside says. */
const INSIDE =
  /syntax error at|unterminated quoted|node_modules|\.js:\d+|MongoServerError|QueryFailedError|\$argon2|root:x:0/;
/** Of the payload that would sleep for longer. */
const LONGEST_MS = 8_000;

/** What the unspoiled request is answered where it is not taken: routes that other tests know better. */
const REFUSED: Readonly<Record<string, number>> = {
  // They want what was mailed, or the codes of a second factor.
  'POST /v1/auth/password/reset': 400,
  'POST /v1/auth/email/verify': 400,
  'POST /v1/auth/login/second-factor': 401,
  'POST /v1/auth/two-factor/confirm': 403,
  'DELETE /v1/auth/two-factor': 403,
  // It was ordered.
  'DELETE /v1/checkouts/{id}': 409,
  // It wants a signature over the body.
  'POST /v1/webhooks/payments/{provider}': 401,
  // They want files.
  'POST /v1/admin/imports': 400,
  'POST /v1/admin/products/{id}/images': 415,
  // And these what comes of files,
  'GET /v1/admin/imports/{id}': 404,
  'GET /v1/admin/imports/{id}/errors': 404,
  'GET /v1/admin/imports/{id}/errors.csv': 404,
  'PUT /v1/admin/products/{id}/images/order': 409,
  'PATCH /v1/admin/products/{id}/images/{imageId}': 404,
  'DELETE /v1/admin/products/{id}/images/{imageId}': 404,
  // or of what went wrong.
  'GET /v1/admin/dead-letters/{id}': 404,
  'POST /v1/admin/dead-letters/{id}/redrive': 404,
  'POST /v1/admin/dead-letters/{id}/discard': 404,
  'GET /v1/admin/webhooks/{id}/deliveries/{deliveryId}': 404,
  'POST /v1/admin/webhooks/{id}/deliveries/{deliveryId}/replay': 404,
};

/** Each parameter and each field, one at a time. */
function spoiled(request: CraftedRequest, payload: string): CraftedRequest[] {
  const { inPath, query, body } = request;
  return [
    ...Object.keys(inPath).map((name) => ({ ...request, inPath: { ...inPath, [name]: payload } })),
    ...Object.keys(query).map((name) => ({ ...request, query: { ...query, [name]: payload } })),
    ...leavesOf(body).map((way) => ({ ...request, body: withLeaf(body, way, payload) })),
  ];
}

function withOperators(request: CraftedRequest): CraftedRequest[] {
  const { query, body } = request;
  return [
    ...Object.keys(query).map((name) => ({ ...request, query: { ...query, [`${name}[$ne]`]: '1' } })),
    ...leavesOf(body).map((way) => ({ ...request, body: withLeaf(body, way, OPERATOR) })),
  ];
}

describe('what means something to a database', () => {
  let attacked: AttackedShop;
  beforeAll(async () => {
    attacked = await AttackedShop.open();
  }, 60_000);
  afterAll(() => attacked.close());

  /** What is wrong with the answers, and how many there were. */
  async function complaintsAbout(
    requests: readonly CraftedRequest[],
    payload = '',
  ): Promise<{ complaints: string[]; sent: number }> {
    const complaints: string[] = [];
    await inTurns(requests, 8, async (request) => {
      const { status, text, ms, fault } = await sendCrafted(attacked.senderOf(request), request);
      const what = `${request.name} ${JSON.stringify({ ...request.inPath, ...request.query, body: request.body })}`;
      if (status >= 500) complaints.push(`${what}: ${status}`);
      if (INSIDE.test(text)) complaints.push(`${what}: ${text.slice(0, 300)}`);
      if (payload.includes('pg_sleep') && ms > LONGEST_MS) complaints.push(`${what}: took ${ms} ms`);
      if (fault !== null) complaints.push(`${what}: ${status}, ${fault}`);
    });
    return { complaints, sent: requests.length };
  }

  it.each(PAYLOADS)(
    'is a text like any other, or refused, in every parameter and field: %j',
    async (payload) => {
      const requests = attacked.requests.flatMap((request) => spoiled(request, payload));
      const { complaints, sent } = await complaintsAbout(requests, payload);
      expect(complaints).toEqual([]);
      expect(sent).toBeGreaterThan(195);
    },
    120_000,
  );

  it('is refused where it is an object and a text belongs', async () => {
    const { complaints } = await complaintsAbout(attacked.requests.flatMap(withOperators));
    expect(complaints).toEqual([]);
  }, 120_000);

  it('signs nobody in whom the right password signs in', async () => {
    const [login] = attacked.requests.filter(({ name }) => name === 'POST /v1/auth/login');
    if (!login || !isObject(login.body)) throw new Error('there is no login');
    expect((await sendCrafted(attacked.customer, login)).status).toBe(200);
    for (const password of [...PAYLOADS, OPERATOR]) {
      const body = { ...login.body, password };
      const { status } = await sendCrafted(attacked.customer, { ...login, body });
      expect([400, 401]).toContain(status);
    }
    expect((await sendCrafted(attacked.customer, login)).status).toBe(200);
  });
});

/** Otherwise the spoiled ones would be refused for what is not spoiled. */
describe('the same requests, unspoiled', () => {
  let attacked: AttackedShop;
  beforeAll(async () => {
    attacked = await AttackedShop.open();
  }, 60_000);
  afterAll(() => attacked.close());

  it('are taken, but for those that need what is not to be had here', async () => {
    const refused: Record<string, number> = {};
    const { requests } = attacked;
    const isFirst = ({ name }: CraftedRequest): boolean => name === 'POST /v1/orders';
    const isLast = ({ method }: CraftedRequest): boolean => method === 'delete';
    const inOrder = [
      // A new checkout would end the one that is ordered.
      ...requests.filter(isFirst),
      ...requests.filter((request) => !isFirst(request) && !isLast(request)),
      // What a thing holds before the thing.
      ...requests.filter(isLast).reverse(),
    ];
    for (const request of inOrder) {
      const { status } = await sendCrafted(attacked.senderOf(request), request);
      if (status >= 400) refused[request.name] = status;
    }
    expect(refused).toEqual(REFUSED);
  }, 60_000);
});
