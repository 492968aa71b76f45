import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can fall silent: what is sent is taken by nobody, and nothing is refused. */
export class OddNetwork {
  private cut = false;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => this.join(socket));

  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  /** Resolves to the port that leads to the server. */
  async open(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  silence(): void {
    this.cut = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** What was silent is gone; new connections go through. */
  restore(): void {
    this.cut = false;
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.restore();
    this.server.close();
  }

  private join(near: Socket): void {
    const far = this.cut ? null : connect(this.port, this.host);
    for (const socket of far ? [near, far] : [near]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    }
    if (!far) return void near.pause();
    this.forward(near, far);
    this.forward(far, near);
  }

  private forward(from: Socket, to: Socket): void {
    from.on('data', (bytes) => !this.cut && to.write(bytes));
    from.on('end', () => !this.cut && to.end());
    from.on('close', () => !this.cut && to.destroy());
  }
}
