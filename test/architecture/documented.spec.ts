import { faultOf, type Seen } from '../support/documented';

const PROBLEM = 'application/problem+json; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

function problem(code: string, status: number): object {
  return { type: `/problems/${code}`, title: 'T', status, detail: 'D', code, requestId: 'R', status2: 'more' };
}

const cart = { items: [], subtotal: { amount: '0.00', currency: 'USD' } };
const seen = (change: Partial<Seen>): Seen => ({
  method: 'GET',
  path: '/v1/cart?x=1',
  status: 200,
  type: JSON_TYPE,
  body: cart,
  ...change,
});

describe('answers held against the document', () => {
  it('passes those that are as documented', () => {
    expect(faultOf(seen({}))).toBeNull();
    expect(faultOf(seen({ status: 401, type: PROBLEM, body: problem('unauthenticated', 401) }))).toBeNull();
    expect(faultOf(seen({ status: 502, type: PROBLEM, body: problem('service_unavailable', 502) }))).toBeNull();
    const gone = { path: '/v1/nothing', status: 404, type: PROBLEM, body: problem('not_found', 404) };
    expect(faultOf(seen(gone))).toBeNull();
  });

  it.each<[string, Partial<Seen>, RegExp]>([
    ['another status', { status: 202 }, /status is not documented/],
    ['another type', { type: 'text/html' }, /text\/html is not documented/],
    ['a field too much', { body: { ...cart, note: '' } }, /must NOT have additional properties/],
    ['a field too few', { body: { items: [] } }, /subtotal/],
    ['another kind of field', { body: { ...cart, items: {} } }, /must be array/],
    ['another route', { path: '/v1/nothing' }, /no such route/],
    ['an error in another language', { status: 401, body: { error: 'no' } }, /no problem document/],
    ['a code nobody knows', { status: 409, type: PROBLEM, body: problem('cart.full', 409) }, /not registered/],
    ['a code of another route', { status: 409, type: PROBLEM, body: problem('slug_taken', 409) }, /slug_taken is not/],
  ])('finds %s', (_, change, fault) => {
    expect(faultOf(seen(change))).toMatch(fault);
  });
});
