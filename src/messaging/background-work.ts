import { Logger } from '@nestjs/common';

interface Job {
  name: string;
  everyMs: number;
  run: () => Promise<unknown>;
}

/**
 * Runs one job again and again in a background worker, never twice at once here; jobs on other servers run beside it
 * and share the work by row locks. A failure is logged and tried again at the next turn. `wake` runs it at once.
 */
export class BackgroundWork {
  private readonly logger: Logger;
  private stopped = false;
  private woken = false;
  private wakeSleeper: () => void = () => undefined;
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly job: Job) {
    this.logger = new Logger(job.name);
  }

  start(): void {
    this.loop = this.turn();
  }

  wake(): void {
    this.woken = true;
    this.wakeSleeper();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.loop;
  }

  private async turn(): Promise<void> {
    while (!this.stopped) {
      this.woken = false;
      try {
        await this.job.run();
      } catch (error) {
        this.logger.warn(`${this.job.name} failed and runs again: ${String(error)}`);
      }
      await this.sleep();
    }
  }

  private async sleep(): Promise<void> {
    if (this.woken || this.stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.job.everyMs);
      this.wakeSleeper = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
