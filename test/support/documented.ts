import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import { PROBLEMS } from '../../src/common/problem.codes';
import { isObject, METHODS, textsIn, under, visit, type Json } from '../../src/http/openapi/json';

const ROOT = join(__dirname, '..', '..');

/** Addresses that are no part of the API. */
const BESIDE = /^\/(metrics|docs-json|docs\/?$|static\/|images\/)/;
/** Said by whatever a request meets before its route does: Nginx, Node, the router. */
const BEFORE_THE_ROUTE = new Set(
  readFileSync(join(ROOT, 'nginx/templates/snippets/errors.conf.template'), 'utf8').match(/(?<="code":")\w+/g),
);

export interface Seen {
  method: string;
  path: string;
  status: number;
  type: string | null;
  body: unknown;
}

/** Answers hold what is documented and nothing else; a problem may say more than all of them do. */
function closed(document: Json): Json {
  visit(document, (found) => {
    if (found['type'] === 'object' && isObject(found['properties'])) found['additionalProperties'] ??= false;
  });
  const problem = under(under(under(document, 'components'), 'schemas'), 'Problem');
  problem['additionalProperties'] = true;
  return document;
}

function readDocument(): Json {
  const document: unknown = JSON.parse(readFileSync(join(ROOT, 'clients/openapi.json'), 'utf8'));
  if (!isObject(document)) throw new Error('clients/openapi.json is no document');
  return closed(document);
}

/** Holds answers against clients/openapi.json: their route, status, type, code and body. */
class DocumentedApi {
  private readonly document = readDocument();
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly checks = new Map<string, ValidateFunction>();
  private readonly routes: { form: RegExp; item: Json }[];

  constructor() {
    addFormats(this.ajv);
    this.ajv.addSchema(this.document, 'openapi');
    const paths = Object.entries(under(this.document, 'paths'));
    // A route of words only goes before one with parameters.
    paths.sort(([a], [b]) => a.split('{').length - b.split('{').length);
    this.routes = paths.flatMap(([path, item]) => {
      const form = path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
      return isObject(item) ? [{ form: new RegExp(`^${form}$`), item }] : [];
    });
  }

  faultOf(seen: Seen): string | null {
    const path = seen.path.split('?')[0] ?? seen.path;
    if (BESIDE.test(path)) return null;
    const operation = this.operationOf(seen.method, path);
    if (seen.status >= 400) return this.faultOfProblem(seen, operation);
    if (!operation) return `no such route is documented`;
    const answer = under(operation, 'responses')[seen.status];
    if (!isObject(answer)) return `this status is not documented`;
    const type = seen.type?.split(';')[0] ?? '';
    if (!isObject(answer['content'])) return seen.body === null ? null : 'an answer without a body is documented';
    const media = answer['content'][type];
    return isObject(media) ? this.faultOfBody(media['schema'], seen.body) : `the type ${type} is not documented`;
  }

  private operationOf(method: string, path: string): Json | null {
    const item = this.routes.find(({ form }) => form.test(path))?.item;
    const name = METHODS.find((known) => known === method.toLowerCase());
    const operation = name && item?.[name];
    return isObject(operation) ? operation : null;
  }

  private faultOfProblem({ status, type, body }: Seen, operation: Json | null): string | null {
    if (!type?.startsWith('application/problem+json')) {
      const answer = operation && under(operation, 'responses')[status];
      const media = isObject(answer) && isObject(answer['content']) ? answer['content']['application/json'] : null;
      return isObject(media) ? this.faultOfBody(media['schema'], body) : `an error that is no problem document`;
    }
    const fault = this.faultOfBody({ $ref: '#/components/schemas/Problem' }, body);
    if (fault) return fault;
    const code = isObject(body) ? String(body['code']) : '';
    if (!PROBLEMS[code]) return `the code ${code} is not registered`;
    if (BEFORE_THE_ROUTE.has(code) || code === 'internal_error') return null;
    if (!operation) return `no such route is documented`;
    if (!textsIn(operation['x-problems']).includes(code)) return `the code ${code} is not documented`;
    return under(operation, 'responses')[status] === undefined ? `this status is not documented` : null;
  }

  private faultOfBody(schema: unknown, body: unknown): string | null {
    const text = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
    let check = this.checks.get(text);
    if (!check) {
      const resolved: unknown = JSON.parse(text);
      check = this.ajv.compile(isObject(resolved) ? resolved : {});
      this.checks.set(text, check);
    }
    return check(body) ? null : this.ajv.errorsText(check.errors);
  }
}

let documented: DocumentedApi | undefined;

/** What of this answer is not as the document has it, or null. */
export function faultOf(seen: Seen): string | null {
  documented ??= new DocumentedApi();
  return documented.faultOf(seen);
}

/** Every answer that a test gets is as documented, whatever the test is about. */
export function mustBeDocumented(seen: Seen): void {
  const fault = faultOf(seen);
  if (fault === null) return;
  const { method, path, status, body } = seen;
  throw new Error(`${method} ${path} answered ${status}: ${fault}\n${JSON.stringify(body)?.slice(0, 2_000)}`);
}
