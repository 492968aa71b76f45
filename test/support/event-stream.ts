import { eventually } from './eventually';
import type { Visitor } from './shop';

export interface TimelineItem {
  id: string;
  at: string;
  source: string;
  type: string;
  detail: Record<string, unknown>;
  failure: string | null;
  traceId: string | null;
}

/** A step as it came, with the moment it did. */
export interface StreamedStep {
  id: string;
  event: string;
  item: TimelineItem;
  cameAt: number;
}

function fieldOf(block: string, name: string): string | undefined {
  const line = block.split('\n').find((candidate) => candidate.startsWith(`${name}: `));
  return line?.slice(name.length + 2);
}

/** A client of `GET /v1/orders/{id}/stream` that keeps what came. */
export class EventStream {
  readonly steps: StreamedStep[] = [];
  ended = false;
  private text = '';

  private constructor(
    readonly response: Response,
    private readonly controller: AbortController,
  ) {}

  static async open(visitor: Visitor, orderId: string, lastEventId?: string): Promise<EventStream> {
    const controller = new AbortController();
    const response = await fetch(`${visitor.baseUrl}/v1/orders/${orderId}/stream`, {
      headers: {
        ...(visitor.token ? { authorization: `Bearer ${visitor.token}` } : {}),
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
      signal: controller.signal,
    });
    const stream = new EventStream(response, controller);
    void stream.read();
    return stream;
  }

  get types(): string[] {
    return this.steps.map(({ item }) => item.type);
  }

  get lastEventId(): string | undefined {
    return this.steps.at(-1)?.id;
  }

  step(type: string, withinMs = 15_000): Promise<StreamedStep> {
    return eventually(
      `${type} on the stream`,
      () => Promise.resolve(this.steps.find((step) => step.event === type)),
      withinMs,
    );
  }

  end(withinMs: number): Promise<boolean> {
    return eventually('the end of the stream', () => Promise.resolve(this.ended), withinMs);
  }

  close(): void {
    this.controller.abort();
  }

  private async read(): Promise<void> {
    const reader = this.response.body?.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (;;) {
        const part = await reader?.read();
        if (!part || part.done) break;
        this.take(part.value);
      }
    } catch {
      // The client left, or the connection broke: it is over.
    }
    this.ended = true;
  }

  private take(text: string): void {
    const blocks = (this.text + text).split('\n\n');
    this.text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = fieldOf(block, 'data');
      if (data === undefined) continue;
      const item: TimelineItem = JSON.parse(data);
      this.steps.push({
        id: fieldOf(block, 'id') ?? '',
        event: fieldOf(block, 'event') ?? '',
        item,
        cameAt: Date.now(),
      });
    }
  }
}
