import { performance } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { Agent, request, type Dispatcher } from 'undici';
import { AddressPolicy, RefusedAddressError } from './address.policy';
import type { Outcome, SentAnswer } from './webhooks.types';

/** The whole of a try: name, connection, request and answer. */
export const ANSWER_WITHIN_MS = 15_000;
const CONNECT_WITHIN_MS = 5_000;
/** Of what a receiver says no more is read than is kept. */
const READ_AT_MOST_BYTES = 1_000;
const HEADERS_AT_MOST_BYTES = 16_384;
const IDLE_CONNECTION_MS = 4_000;
const GONE = 410;

export interface OutgoingMessage {
  url: string;
  /** Stays the same over all tries: a receiver that knows it has it already. */
  messageId: string;
  body: string;
  /** One signature a secret. */
  secrets: readonly string[];
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return 'delivered';
  return status === GONE ? 'gone' : 'refused';
}

/** What failed, by undici's code or the name of the error; messages of sockets would name addresses of the network. */
function nameOfError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error instanceof RefusedAddressError) return error.message;
  if (error instanceof AggregateError && error.errors.length > 0) return nameOfError(error.errors[0]);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.name === 'TimeoutError' ? `no answer within ${ANSWER_WITHIN_MS} ms` : code || error.name;
}

/** One request of Standard Webhooks 1.0. It follows no redirect: that would be an address nobody has looked at. */
@Injectable()
export class WebhookSender implements OnModuleDestroy {
  private readonly agent: Agent;

  constructor(private readonly addresses: AddressPolicy) {
    this.agent = new Agent({
      connect: { lookup: addresses.lookup, timeout: CONNECT_WITHIN_MS },
      pipelining: 1,
      keepAliveTimeout: IDLE_CONNECTION_MS,
      keepAliveMaxTimeout: IDLE_CONNECTION_MS,
      maxHeaderSize: HEADERS_AT_MOST_BYTES,
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.agent.destroy();
  }

  /** Never fails: what went wrong is part of the answer. */
  async send(message: OutgoingMessage): Promise<SentAnswer> {
    const started = performance.now();
    const end = (outcome: Outcome, rest: Partial<SentAnswer>): SentAnswer => ({
      outcome,
      status: null,
      error: null,
      response: null,
      ...rest,
      durationMs: Math.round(performance.now() - started),
    });
    const fault = this.addresses.faultOf(message.url);
    if (fault !== null) return end('address_refused', { error: `the URL ${fault}` });
    try {
      const answer = await request(message.url, {
        method: 'POST',
        headers: this.headersOf(message),
        body: message.body,
        dispatcher: this.agent,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const status = answer.statusCode;
      const outcome = outcomeOf(status);
      const response = await beginningOf(answer.body);
      return end(outcome, { status, response, error: outcome === 'delivered' ? null : `answered ${status}` });
    } catch (error) {
      const refused = error instanceof RefusedAddressError;
      return end(refused ? 'address_refused' : 'no_answer', { error: nameOfError(error) });
    }
  }

  /** By the real clock, which the receiver compares with its own. */
  private headersOf({ messageId, body, secrets }: OutgoingMessage): Record<string, string> {
    const now = new Date();
    return {
      'content-type': 'application/json',
      'user-agent': 'Tradepost-Webhooks/1.0',
      'webhook-id': messageId,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(messageId, now, body)).join(' '),
    };
  }
}

/** As text that PostgreSQL takes; a body that breaks off is as good as its beginning. */
async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  body.on('error', () => undefined);
  try {
    for await (const chunk of body) {
      const part: unknown = chunk;
      if (!Buffer.isBuffer(part)) break;
      chunks.push(part);
      bytes += part.length;
      if (bytes >= READ_AT_MOST_BYTES) break;
    }
  } catch {
    // The status has been said.
  }
  const text = Buffer.concat(chunks).subarray(0, READ_AT_MOST_BYTES).toString('utf8');
  return text === '' ? null : text.replaceAll(/[^\P{Cc}\n\t]/gu, ' ');
}
