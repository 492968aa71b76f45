import { Readable } from 'node:stream';

/** A client that reads too slowly comes back for the rest, when it can. All of a long order, for staff, is less. */
const MOST_WAITING_BYTES = 2 * 1024 * 1024;

/** A `text/event-stream` (HTML standard, 9.2). Comes to its end by `finish`, or when the client leaves. */
export class ServerSentEvents extends Readable {
  private finished = false;

  constructor(retryMs: number) {
    super();
    // At once: the headers go out with the first byte.
    this.say(`retry: ${retryMs}\n\n`);
  }

  override _read(): void {
    // What there is to say is pushed when it happens.
  }

  /** `id` and `event` hold no line breaks, and JSON has none. */
  send(id: string, event: string, data: object): void {
    this.say(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Keeps what lies between from taking the connection for dead. */
  beat(): void {
    this.say(': still here\n\n');
  }

  finish(): void {
    if (this.finished) return;
    this.finished = true;
    this.push(null);
  }

  private say(text: string): void {
    if (this.finished || this.destroyed) return;
    this.push(text);
    if (this.readableLength > MOST_WAITING_BYTES) this.destroy();
  }
}
