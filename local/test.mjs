// @ts-check
/**
 * npm test [-- jest arguments]
 * The whole suite against real services on ports and data of their own; ends with Jest's summary and its exit code.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { certificateFile } from './parts/nginx.mjs';
import { checkNode } from './setup/dependencies.mjs';
import { startNoMore } from './stack/instances.mjs';
import { makePlan, ROOT } from './stack/plan.mjs';
import { bringDown, bringUp, wipe } from './stack/running.mjs';
import { runCommand, say } from './stack/say.mjs';
import { commandSettings } from './stack/settings.mjs';
import { stopRequested } from './stack/signals.mjs';
import { stackFile } from './stack/stack-file.mjs';

/** @param {import('./stack/plan.mjs').Plan} plan @param {Promise<unknown>} stop @returns {Promise<number>} Jest's exit code */
function runJest(plan, stop) {
  const jest = path.join(ROOT, 'node_modules/jest/bin/jest.js');
  const args = [jest, '--config', 'test/jest.config.js', ...process.argv.slice(2)];
  const env = {
    ...commandSettings(plan, 'jest'),
    STACK_DIR: plan.stackDir,
    STACK_FILE: stackFile(plan),
    // Inside Jest a test cannot turn the certificate check off, so this one is trusted.
    NODE_EXTRA_CA_CERTS: certificateFile(plan),
  };
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' });
  void stop.then(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

await runCommand(async () => {
  checkNode();
  const plan = makePlan('test');
  const stop = stopRequested();
  let interrupted = false;
  void stop.then(() => (interrupted = true));
  wipe(plan);
  const up = bringUp(plan);
  up.catch(() => {});
  await Promise.race([up, stop]);
  let code = 1;
  if (!interrupted) {
    say('');
    code = await runJest(plan, stop);
  }
  startNoMore();
  await bringDown(plan);
  return code;
});
