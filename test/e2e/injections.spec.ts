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
const LONGEST_MS = 8_000;

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
    ...Object.keys(query).map((name) => ({ ...request, query: { ...query, [`${name}[$ne]`]: '' } })),
    ...leavesOf(body).map((way) => ({ ...request, body: withLeaf(body, way, OPERATOR) })),
  ];
}

describe('what means something to a database', () => {
  let attacked: AttackedShop;
  beforeAll(async () => {
    attacked = await AttackedShop.open();
  }, 60_000);

  /** What is wrong with the answers, and how many there were. */
  async function complaintsAbout(requests: readonly CraftedRequest[]): Promise<{ complaints: string[]; sent: number }> {
    const complaints: string[] = [];
    await inTurns(requests, 8, async (request) => {
      const { status, text, ms, fault } = await sendCrafted(attacked.senderOf(request), request);
      const what = `${request.name} ${JSON.stringify({ ...request.inPath, ...request.query, body: request.body })}`;
      if (status >= 500) complaints.push(`${what}: ${status}`);
      if (INSIDE.test(text)) complaints.push(`${what}: ${text.slice(0, 300)}`);
      if (ms > LONGEST_MS) complaints.push(`${what}: took ${ms} ms`);
      if (fault !== null) complaints.push(`${what}: ${status}, ${fault}`);
    });
    return { complaints, sent: requests.length };
  }

  it.each(PAYLOADS)(
    'is a text like any other, or refused, in every parameter and field: %j',
    async (payload) => {
      const requests = attacked.requests.flatMap((request) => spoiled(request, payload));
      const { complaints, sent } = await complaintsAbout(requests);
      expect(complaints).toEqual([]);
      expect(sent).toBeGreaterThan(200);
    },
    120_000,
  );

  it('is refused where it is an object and a text belongs', async () => {
    const { complaints } = await complaintsAbout(attacked.requests.flatMap(withOperators));
    expect(complaints).toEqual([]);
  }, 120_000);

  it('signs nobody in', async () => {
    const [login] = attacked.requests.filter(({ name }) => name === 'POST /v1/auth/login');
    if (!login || !isObject(login.body)) throw new Error('there is no login');
    for (const password of [...PAYLOADS, OPERATOR]) {
      const body = { email: attacked.customer.email, password };
      const { status } = await sendCrafted(attacked.customer, { ...login, body });
      expect([400, 401, 429]).toContain(status);
    }
  });
});
