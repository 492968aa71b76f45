import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema';

/** The bodies of the API by their names in the document, as `Schemas['Order']`. */
export type Schemas = components['schemas'];
export type Problem = Schemas['Problem'];
export type Tradepost = Client<paths>;

/** An answer that is an error; its `code` is one of those at `/docs/errors`. */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(`${problem.code}: ${problem.detail} (request ${problem.requestId})`);
    this.name = 'ProblemError';
  }
}

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'requestId' in value;
}

/** The body of a good answer; throws `ProblemError` otherwise. */
export function bodyOf<T>({ data, error, response }: Outcome<T>): T {
  if (data !== undefined) return data;
  if (isProblem(error)) throw new ProblemError(error, response.status);
  throw new Error(`${response.url} answered ${response.status}`);
}

/** A client of one shop, as anyone or, with a token, as someone. */
export function tradepost(baseUrl: string, accessToken?: string): Tradepost {
  const headers = accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` };
  return createClient<paths>({ baseUrl, headers });
}

/** Signs in and gives a client that speaks as this account, for as long as its access token lives. */
export async function signIn(baseUrl: string, email: string, password: string): Promise<Tradepost> {
  const { accessToken } = bodyOf(await tradepost(baseUrl).POST('/v1/auth/login', { body: { email, password } }));
  return tradepost(baseUrl, accessToken);
}
