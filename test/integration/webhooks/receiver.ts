import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface ReceivedMessage {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

type Answering = (message: ReceivedMessage, response: ServerResponse) => void;

/** What an integrator runs: keeps what it gets, and answers 204 unless it is told to answer otherwise. */
export class Receiver {
  readonly messages: ReceivedMessage[] = [];
  private readonly answering = new Map<string, Answering>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const message = {
          path: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        };
        this.messages.push(message);
        const answer = this.answering.get(message.path) ?? this.answering.get('*');
        if (answer) answer(message, response);
        else response.writeHead(204).end();
      });
    });
  }

  /** What it answers at this path from now on; `*` is all paths. */
  answer(path: string, answering: Answering): void {
    this.answering.set(path === '*' ? path : `/${path}`, answering);
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get port(): number {
    const address: AddressInfo | string | null = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the receiver is not open');
    return address.port;
  }

  url(path: string, host = '127.0.0.1'): string {
    return `http://${host}:${this.port}/${path}`;
  }

  /** What came to this path. */
  at(path: string): ReceivedMessage[] {
    return this.messages.filter((message) => message.path === `/${path}`);
  }
}

/** The message as the library that receivers use reads it: throws when the signature is not of this secret. */
export function verified(secret: string, { headers, body }: ReceivedMessage): unknown {
  const named: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) named[name] = String(value);
  return new Webhook(secret).verify(body, named);
}

export function signatures({ headers }: ReceivedMessage): string[] {
  return String(headers['webhook-signature']).split(' ');
}
