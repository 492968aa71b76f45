import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Call {
  method: string;
  path: string;
  key: string;
}

export interface BookedCharge {
  id: string;
  idempotencyKey: string;
  status: string;
  amount: string;
  currency: string;
  createdAt: string;
  refunds: { id: string; idempotencyKey: string; amount: string }[];
}

type Script = (call: Call, response: ServerResponse) => void;

export function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A payment provider that says what the test wants, and keeps what it was told. It knows of no charge by itself. */
export class ScriptedProvider {
  readonly calls: Call[] = [];
  onCharge: Script = (_call, response) => answer(response, 503, {});
  onRefund: Script = (_call, response) => answer(response, 503, {});
  onLookup: Script | null = null;
  charges: BookedCharge[] = [];
  private port = 0;
  private readonly server = createServer((request, response) => this.take(request, response));

  async open(): Promise<string> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.port = address.port;
    return `http://127.0.0.1:${address.port}`;
  }

  /** Nobody listens any more; `open` brings it back to the same port. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** As at the start of a test. */
  forget(): void {
    this.calls.length = 0;
    this.charges = [];
    this.onLookup = null;
  }

  told(method: string, key: string): number {
    return this.calls.filter((call) => call.method === method && call.key === key).length;
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const url = new URL(request.url ?? '/', 'http://provider');
    const key = request.headers['idempotency-key'] ?? url.searchParams.get('idempotencyKey') ?? '';
    const call: Call = { method: request.method ?? '', path: url.pathname, key: String(key) };
    this.calls.push(call);
    if (call.method === 'GET' && this.onLookup) this.onLookup(call, response);
    else if (call.method === 'GET') answer(response, 200, this.list(url.searchParams));
    else if (call.path === '/charges') this.onCharge(call, response);
    else this.onRefund(call, response);
  }

  /** As the sandbox lists: all under a key, or a page from a time on. */
  private list(query: URLSearchParams): BookedCharge[] {
    const key = query.get('idempotencyKey');
    const since = query.get('since');
    const found = this.charges
      .filter((charge) => key === null || charge.idempotencyKey === key)
      .filter((charge) => since === null || Date.parse(charge.createdAt) >= Date.parse(since))
      .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
    return found.slice(0, Number(query.get('limit') ?? 1000));
  }
}
