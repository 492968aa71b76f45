import { connect, type TLSSocket } from 'node:tls';

/** A connection to Nginx that sends what it is told, piece by piece, and remembers what came back. */
export class SlowClient {
  received = '';
  /** Milliseconds from connecting until the other end closed. */
  readonly closed: Promise<number>;
  private readonly socket: TLSSocket;
  private timer: NodeJS.Timeout | undefined;

  constructor(url: string, first: string) {
    const { hostname, port } = new URL(url);
    const begun = performance.now();
    this.socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      this.socket.write(first);
    });
    this.socket.on('data', (data: Buffer) => (this.received += data.toString('utf8')));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        clearInterval(this.timer);
        resolve(performance.now() - begun);
      });
    });
  }

  /** Never stops by itself. */
  drip(piece: () => string, everyMs: number): this {
    this.timer = setInterval(() => {
      if (this.socket.writable) this.socket.write(piece());
    }, everyMs);
    return this;
  }

  end(): void {
    clearInterval(this.timer);
    this.socket.destroy();
  }
}
