import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from '../../support/eventually';
import type { Answer, Problem, Visitor } from '../../support/shop';

export interface ImportBody {
  id: string;
  state: string;
  rowsReceived: number;
  rowsRead: number;
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
}

export interface Failure {
  line: number;
  sku: string | null;
  field: string | null;
  message: string;
}

/** Brings files to the shop as a member of staff does, and waits for what becomes of them. */
export class ImportDesk {
  constructor(readonly admin: Visitor) {}

  async send(
    file: string | Buffer | FormData,
    query = '',
    headers: Record<string, string> = {},
    baseUrl = this.admin.baseUrl,
  ): Promise<Answer<ImportBody & Problem>> {
    const isForm = file instanceof FormData;
    const response = await fetch(`${baseUrl}/v1/admin/imports${query}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.admin.token ?? ''}`,
        ...(isForm ? {} : { 'content-type': 'text/csv' }),
        ...headers,
      },
      body: isForm || typeof file === 'string' ? file : new Uint8Array(file),
    });
    const body: ImportBody & Problem = JSON.parse(await response.text());
    return { status: response.status, headers: response.headers, body };
  }

  get(id: string): Promise<ImportBody> {
    return this.admin.get<ImportBody>(`/v1/admin/imports/${id}`);
  }

  done(id: string, withinMs = 30_000): Promise<ImportBody> {
    return eventually(
      `import ${id} to be done`,
      async () => {
        const answer = await this.admin.send<ImportBody>('GET', `/v1/admin/imports/${id}`);
        return answer.status === 200 && answer.body.state === 'done' && answer.body;
      },
      withinMs,
    );
  }

  async run(file: string | Buffer, query = ''): Promise<ImportBody> {
    const answer = await this.send(file, query);
    if (answer.status !== 202) throw new Error(`the import answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return this.done(answer.body.id);
  }

  async failures(id: string): Promise<Failure[]> {
    return (await this.admin.get<{ items: Failure[] }>(`/v1/admin/imports/${id}/errors?limit=100`)).items;
  }

  async text(path: string): Promise<string> {
    const headers = { authorization: `Bearer ${this.admin.token ?? ''}` };
    const response = await fetch(`${this.admin.baseUrl}${path}`, { headers });
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    // As bytes: `text()` would leave the mark at the start away.
    return Buffer.from(await response.arrayBuffer()).toString('utf8');
  }
}

export const uniqueSku = (): string => `I-${randomUUID()}`;

/** The processes that do the background work of the stack's servers. */
export function backgroundWorkers(): number[] {
  const stack: { pids: { app: number[] } } = JSON.parse(readFileSync(process.env['STACK_FILE'] ?? '', 'utf8'));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const parent = Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1]);
      return stack.pids.app.includes(parent) && read(`/proc/${pid}/environ`).includes('WORKER_ROLE=background');
    });
}

/** What a process holds in memory now, in MB. */
export function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
