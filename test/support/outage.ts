import { eventually } from './eventually';
import { readStack } from './stack';
import { stackCommand } from './stores';

const BACK_WITHIN_MS = 30_000;

/**
 * Starts these parts again and waits until every process of the stack's servers works with all parts: whatever test
 * comes next finds a whole shop. A process goes without Redis for a moment longer than Redis is away.
 */
export async function bringBack(...parts: string[]): Promise<void> {
  for (const part of parts) await stackCommand('start', part);
  await wholeAgain();
}

/** Until no process of the stack's servers goes without a part. */
export async function wholeAgain(): Promise<void> {
  for (const url of readStack().apiUrls) {
    await eventually(
      `all of ${url} to work with every part`,
      async () => {
        const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
        const up = lines.filter((line) => line.startsWith('dependency_up{'));
        return up.length > 0 && up.every((line) => line.endsWith(' 1')) && lines.includes('redis_circuit_state 0');
      },
      BACK_WITHIN_MS,
    );
  }
}
