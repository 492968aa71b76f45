import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Call {
  method: string;
  path: string;
  key: string;
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
  charges: object[] = [];
  private readonly server = createServer((request, response) => this.take(request, response));

  async open(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** As at the start of a test. */
  forget(): void {
    this.calls.length = 0;
    this.charges = [];
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
    if (call.method === 'GET') answer(response, 200, this.charges);
    else if (call.path === '/charges') this.onCharge(call, response);
    else this.onRefund(call, response);
  }
}
