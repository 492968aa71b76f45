// @ts-check
/**
 * The sandbox payment provider: a stranger to Tradepost, with books of its own. What a token does:
 *   tok_ok  tok_declined  tok_slow (5 s)  tok_unknown (charges, never answers)  tok_flaky (503 twice, then charges)
 * Environment: PORT, HOST, PROVIDER_DATA (folder), WEBHOOK_URL (several by comma), WEBHOOK_SECRET.
 */
import crypto from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, readJson, Refusal, serve } from './http.mjs';
import { Ledger, leftOf, toAmount, toCents } from './provider-ledger.mjs';
import { Webhooks } from './provider-webhooks.mjs';

/** @typedef {import('./provider-ledger.mjs').Charge} Charge */
/** @typedef {import('./provider-ledger.mjs').Refund} Refund */

const SLOW = 5000;
const REPLAYED = { 'idempotent-replayed': 'true' };
const FAILURES = new Map([['tok_declined', 'card_declined']]);
const CHARGING = new Set(['tok_ok', 'tok_slow', 'tok_unknown', 'tok_flaky']);

const ledger = new Ledger(process.env.PROVIDER_DATA || './provider-data');
const urls = (process.env.WEBHOOK_URL ?? '').split(',').filter(Boolean);
const webhooks = new Webhooks({ urls, secret: process.env.WEBHOOK_SECRET ?? '', ledger });

/** Charges on their way, by key: a second request with the key waits for the first. @type {Map<string, { request: string, charge: Promise<Charge> }>} */
const underWay = new Map();
/** Refunds of one charge go one after the other, or two could both find enough left. @type {Map<string, Promise<unknown>>} */
const refundQueues = new Map();
/** @type {Map<string, number>} */
const flakyTries = new Map();

/** @param {string} type @param {Charge} charge */
function eventOf(type, charge) {
  return { id: `evt_${crypto.randomUUID()}`, type, createdAt: new Date().toISOString(), data: { charge } };
}

/** @param {import('node:http').IncomingMessage} request */
function keyOf(request) {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || key.length === 0 || key.length > 255) {
    throw new Refusal(400, 'idempotency_key_required', 'send an Idempotency-Key of up to 255 characters');
  }
  return key;
}

/** @param {Record<string, unknown>} body @param {string} name @param {RegExp} form */
function field(body, name, form) {
  const value = body[name];
  if (typeof value !== 'string' || !form.test(value)) {
    throw new Refusal(400, 'invalid_field', `${name} is missing or malformed`);
  }
  return value;
}

/** @param {Record<string, unknown>} body */
function amountOf(body) {
  const amount = field(body, 'amount', /^\d{1,10}\.\d{2}$/);
  if (toCents(amount) === 0) throw new Refusal(400, 'invalid_field', 'amount must be above zero');
  return toAmount(toCents(amount));
}

/** @param {string} known @param {string} asked */
function refuseOtherBody(known, asked) {
  if (known !== asked) throw new Refusal(422, 'idempotency_key_reused', 'the key was used with another body');
}

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function createCharge(request, response) {
  const key = keyOf(request);
  const body = await readJson(request);
  const wanted = {
    orderId: field(body, 'orderId', /^.{1,200}$/),
    amount: amountOf(body),
    currency: field(body, 'currency', /^[A-Z]{3}$/),
    token: field(body, 'token', /^.{1,255}$/),
  };
  const asked = JSON.stringify(wanted);

  const known = ledger.known('charge', key);
  if (known) {
    refuseOtherBody(known.request, asked);
    return answer(response, 200, ledger.charges.get(known.chargeId), REPLAYED);
  }
  const running = underWay.get(key);
  if (running) {
    refuseOtherBody(running.request, asked);
    return answer(response, 200, await running.charge, REPLAYED);
  }
  if (wanted.token === 'tok_flaky') {
    const tries = (flakyTries.get(key) ?? 0) + 1;
    flakyTries.set(key, tries);
    if (tries <= 2) throw new Refusal(503, 'unavailable', 'try again');
    flakyTries.delete(key);
  }
  const charge = charging(key, wanted, asked);
  underWay.set(key, { request: asked, charge });
  const made = await charge.finally(() => underWay.delete(key));
  // The caller is left in the dark on purpose: the money moved, the answer is lost.
  if (wanted.token !== 'tok_unknown') answer(response, 201, made);
}

/** @param {string} key @param {{ orderId: string, amount: string, currency: string, token: string }} wanted @param {string} request */
async function charging(key, { orderId, amount, currency, token }, request) {
  if (token === 'tok_slow') await sleep(SLOW);
  const failureCode = FAILURES.get(token) ?? (CHARGING.has(token) ? undefined : 'invalid_token');
  /** @type {Charge} */
  const charge = {
    id: `ch_${crypto.randomUUID()}`,
    orderId,
    amount,
    currency,
    status: failureCode ? 'failed' : 'succeeded',
    ...(failureCode && { failureCode }),
    idempotencyKey: key,
    createdAt: new Date().toISOString(),
    refunds: [],
  };
  const event = eventOf(`charge.${charge.status}`, charge);
  await ledger.write({ charge, request, ...(webhooks.wanted && { event }) });
  webhooks.send(event);
  return charge;
}

/** @param {string} chargeId @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function createRefund(chargeId, request, response) {
  const key = keyOf(request);
  const amount = amountOf(await readJson(request));
  const before = refundQueues.get(chargeId) ?? Promise.resolve();
  const turn = before.then(() => refunding(chargeId, key, amount));
  const settled = turn.then(
    () => {},
    () => {},
  );
  refundQueues.set(chargeId, settled);
  void settled.then(() => refundQueues.get(chargeId) === settled && refundQueues.delete(chargeId));
  const { refund, currency, replayed } = await turn;
  const shown = { id: refund.id, chargeId, amount: refund.amount, currency, createdAt: refund.createdAt };
  answer(response, replayed ? 200 : 201, shown, replayed ? REPLAYED : {});
}

/** @param {string} chargeId @param {string} key @param {string} amount */
async function refunding(chargeId, key, amount) {
  const charge = ledger.charges.get(chargeId);
  if (!charge) throw new Refusal(404, 'charge_not_found', 'there is no such charge');
  const asked = JSON.stringify({ chargeId, amount });
  const { currency } = charge;
  const known = ledger.known('refund', key);
  if (known) {
    refuseOtherBody(known.request, asked);
    const refund = /** @type {Refund} */ (charge.refunds.find(({ id }) => id === known.refundId));
    return { refund, currency, replayed: true };
  }
  if (charge.status === 'failed') {
    throw new Refusal(422, 'charge_not_refundable', 'a failed charge has nothing to refund');
  }
  if (toCents(amount) > leftOf(charge)) {
    throw new Refusal(422, 'refund_exceeds_charge', `${toAmount(leftOf(charge))} are left to refund`);
  }
  const refund = { id: `re_${crypto.randomUUID()}`, amount, idempotencyKey: key, createdAt: new Date().toISOString() };
  const left = leftOf(charge) - toCents(amount);
  const refunded = {
    ...charge,
    status: left === 0 ? 'refunded' : 'partially_refunded',
    refunds: [...charge.refunds, refund],
  };
  const event = eventOf('charge.refunded', refunded);
  await ledger.write({ refund: { ...refund, chargeId }, request: asked, ...(webhooks.wanted && { event }) });
  webhooks.send(event);
  return { refund, currency, replayed: false };
}

/** @param {URL} url @param {import('node:http').ServerResponse} response */
function listCharges({ searchParams: query }, response) {
  const limit = Number(query.get('limit') ?? 1000);
  const since = query.get('since');
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new Refusal(400, 'invalid_field', 'limit is 1 to 1000');
  }
  if (since !== null && Number.isNaN(Date.parse(since))) {
    throw new Refusal(400, 'invalid_field', 'since is an ISO time');
  }
  const filter = { orderId: query.get('orderId'), idempotencyKey: query.get('idempotencyKey'), since, limit };
  answer(response, 200, ledger.list(filter));
}

serve(async (request, response, url) => {
  const [, root, id, sub, ...more] = url.pathname.split('/');
  const route = `${request.method} /${[root, id && ':id', sub, ...more].filter(Boolean).join('/')}`;
  if (route === 'GET /health') return answer(response, 200, { status: 'ok' });
  if (route === 'GET /charges') return listCharges(url, response);
  if (route === 'POST /charges') return createCharge(request, response);
  if (route === 'POST /charges/:id/refunds') return createRefund(id, request, response);
  const charge = route === 'GET /charges/:id' && ledger.charges.get(id);
  if (charge) return answer(response, 200, charge);
  throw new Refusal(404, 'not_found', 'there is nothing here');
});
