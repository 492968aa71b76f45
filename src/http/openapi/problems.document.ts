import { PROBLEMS } from '../../common/problem.codes';
import { isObject, objectsIn, operationsOf, textsIn, under, type Json, type Operation } from './json';

/** Names of the shared answers, by status. */
const ANSWERS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthenticated',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  412: 'PreconditionFailed',
  413: 'TooLarge',
  414: 'AddressTooLong',
  415: 'UnsupportedMediaType',
  422: 'Unprocessable',
  428: 'PreconditionRequired',
  429: 'TooManyRequests',
  503: 'Unavailable',
};

/** Routes without a rate limit: see `rate-limit.guard.ts` and `@SkipThrottle()`. */
const UNLIMITED = /^\/(health|docs|v1\/webhooks\/payments)\//;
/** Routes that ask no other part of the shop. */
const ALONE = /^\/(health\/live|docs|problems)/;

function parametersOf(operation: Json): { name: string; place: string; required: boolean }[] {
  return objectsIn(operation['parameters']).map((parameter) => ({
    name: String(parameter['name']),
    place: String(parameter['in']),
    required: parameter['required'] === true,
  }));
}

/** What follows from a route's parameters, its body and who may call it. */
function impliedCodes({ path, operation }: Operation): string[] {
  const parameters = parametersOf(operation);
  const header = (name: string) => parameters.find((parameter) => parameter.name === name);
  const hasBody = isObject(operation['requestBody']);
  const inPath = parameters.some(({ place }) => place === 'path');
  const isChecked = hasBody || inPath || parameters.some(({ place }) => place === 'query');
  const codes: string[] = [];
  if (isChecked || header('Idempotency-Key')) codes.push('validation_failed');
  if (inPath) codes.push('bad_request', 'uri_too_long');
  if (operation['x-public'] !== true) {
    // What is one's own every role grants, but no key of an integration.
    codes.push('unauthenticated', 'forbidden');
    if (operation['x-before-enrolment'] !== true) codes.push('auth.second_factor_enrolment_required');
  }
  if (operation['x-guests'] !== undefined) codes.push('cart.invalid_token');
  if (hasBody) codes.push('body_too_large', 'unsupported_media_type');
  if (header('If-Match')) codes.push('precondition_failed');
  if (header('If-Match')?.required) codes.push('precondition_required');
  if (header('Idempotency-Key')) codes.push('idempotency.in_progress', 'idempotency.key_reused');
  if (!UNLIMITED.test(path)) codes.push('rate_limited');
  if (!ALONE.test(path)) codes.push('service_unavailable');
  return codes;
}

function statusOf(code: string, where: string): number {
  const status = PROBLEMS[code]?.status;
  if (status === undefined) throw new Error(`${where}: ${code} is not registered in src/common/problem.codes.ts`);
  return status;
}

/** Each route names the problems it can answer, by status; what they look like is said once. */
export function describeProblems(document: Json): void {
  const used = new Set<number>();
  for (const found of operationsOf(document)) {
    const { operation, path, method } = found;
    const codes = [...new Set([...textsIn(operation['x-problems']), ...impliedCodes(found)])].sort();
    const responses = under(operation, 'responses');
    for (const status of new Set(codes.map((code) => statusOf(code, `${method} ${path}`)))) {
      const answer = ANSWERS[status];
      if (!answer) throw new Error(`${method} ${path}: ${status} is none of the shared answers`);
      used.add(status);
      const names = codes.filter((code) => PROBLEMS[code]?.status === status).map((code) => `\`${code}\``);
      responses[status] ??= { $ref: `#/components/responses/${answer}`, description: names.join(', ') };
    }
    operation['x-problems'] = codes;
  }
  const shared = under(under(document, 'components'), 'responses');
  for (const status of [...used].sort()) shared[ANSWERS[status] ?? ''] = sharedAnswer(status);
}

function sharedAnswer(status: number): Json {
  const [code, kind] = Object.entries(PROBLEMS).find(([, candidate]) => candidate.status === status) ?? [];
  const later = status === 429 || status === 503;
  const example = {
    type: `/problems/${code}`,
    title: kind?.title,
    status,
    detail: kind?.meaning,
    instance: '/v1/orders',
    code,
    requestId: '0193b2f0-5e0a-7c33-9d5e-6f0f5a1c2b3d',
  };
  return {
    description: `${kind?.title}, or another problem with this status: see its \`code\`.`,
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/RequestId' },
      ...(later && { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }),
      ...(status === 429 && {
        RateLimit: { $ref: '#/components/headers/RateLimit' },
        'RateLimit-Policy': { $ref: '#/components/headers/RateLimitPolicy' },
      }),
    },
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDto' }, example } },
  };
}
