import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually';
import { Visitor } from './shop';

const ROOT = join(__dirname, '..', '..');

/** One more app server beside the stack's two, with settings of its own. */
export class OwnServer {
  private constructor(
    readonly process: ChildProcess,
    readonly visitor: Visitor,
    private readonly logFile: string,
  ) {}

  static async start(port: number, env: Record<string, string> = {}): Promise<OwnServer> {
    const own = { ...process.env, SERVER_NAME: `own-${port}`, PORT: String(port), WEB_CONCURRENCY: '1', ...env };
    const logFile = join(process.env['STACK_DIR'] ?? tmpdir(), `own-server-${port}.log`);
    const log = openSync(logFile, 'w');
    const child = spawn(process.execPath, [join(ROOT, 'dist/src/cluster.js')], {
      cwd: ROOT,
      env: own,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    // A test that fails halfway must not leave its server behind, nor be kept waiting by it.
    child.unref();
    process.once('exit', () => child.kill('SIGKILL'));
    const visitor = new Visitor(`http://127.0.0.1:${port}`);
    await eventually(
      'the server to answer',
      async () => {
        const answer = await visitor.send('GET', '/health/ready').catch(() => null);
        return answer?.status === 200;
      },
      120_000,
    ).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    });
    return new OwnServer(child, visitor, logFile);
  }

  /** All that it and its workers wrote. */
  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** SIGTERM; gives the exit code and how long it took, in milliseconds. */
  async stop(): Promise<{ code: number | null; ms: number }> {
    const started = Date.now();
    const ended = new Promise<number | null>((resolve) => this.process.on('exit', (code) => resolve(code)));
    if (this.process.exitCode !== null) return { code: this.process.exitCode, ms: 0 };
    this.process.kill('SIGTERM');
    return { code: await ended, ms: Date.now() - started };
  }
}
