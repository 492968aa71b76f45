// @ts-check
/**
 * npm run start:dev
 * One app server that starts anew at every change of src, on the services of `npm start -- --services-only`
 * (those that run in STACK_DIR, else services of its own that stop with it).
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { buildApplication, checkNode } from './setup/dependencies.mjs';
import { startNoMore } from './stack/instances.mjs';
import { makePlan, recordedPlan, ROOT } from './stack/plan.mjs';
import { bringDown, bringUp, prepareData, supervisorPid } from './stack/running.mjs';
import { runCommand, say, Trouble } from './stack/say.mjs';
import { appSettings } from './stack/settings.mjs';
import { stopRequested } from './stack/signals.mjs';

/** @param {import('./stack/plan.mjs').Plan} plan @param {Promise<unknown>} stop */
function watch(plan, stop) {
  const nest = path.join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js');
  const { WEB_CONCURRENCY = '1' } = plan.environment;
  const env = { ...appSettings(plan, 'dev', plan.ports.app1), WEB_CONCURRENCY };
  // A group of its own: the watcher ends without ending the server it started, so both are told.
  const child = spawn(process.execPath, [nest, 'start', '--watch'], {
    cwd: ROOT,
    env,
    stdio: 'inherit',
    detached: true,
  });
  say(`\nwatching src, API on http://127.0.0.1:${plan.ports.app1}/v1`);
  void stop.then(() => child.pid && process.kill(-child.pid, 'SIGTERM'));
  return new Promise((resolve) => child.on('close', resolve));
}

await runCommand(async () => {
  checkNode();
  let plan = makePlan('start', { servicesOnly: true });
  const borrowed = supervisorPid(plan) !== null;
  const stop = stopRequested();
  if (borrowed) plan = recordedPlan();
  if (!plan.servicesOnly) {
    throw new Trouble('a whole stack runs here: stop it, or set STACK_DIR and PORT_OFFSET for another');
  }
  if (!borrowed) {
    const up = bringUp(plan);
    up.catch(() => {});
    await Promise.race([up, stop]);
  }
  await Promise.race([
    buildApplication()
      .then(() => prepareData(plan))
      .then(() => watch(plan, stop)),
    stop,
  ]);
  if (borrowed) return;
  startNoMore();
  await bringDown(plan);
});
