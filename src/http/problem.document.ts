import { PROBLEMS } from '../common/problem.codes';

/** An RFC 9457 problem document; its `type` leads to what `/docs/errors` says of the code. */
export function problemDocument(code: string, status: number, detail: string, more: object): string {
  const title = PROBLEMS[code]?.title ?? 'Error';
  return JSON.stringify({ type: `/problems/${code}`, title, status, detail, code, ...more });
}
