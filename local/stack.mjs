// @ts-check
/**
 * npm run stack -- start|stop|status <part>
 * Works on the stack in STACK_DIR from any terminal. `start` brings back every dead instance of a part with its data
 * and returns when it answers; settings in this command's environment win over those of `npm start`.
 */
import { PARTS, SERVICES } from './parts/all-parts.mjs';
import { runningPid } from './stack/children.mjs';
import { instancesOf, startInstance, stopInstance } from './stack/instances.mjs';
import { recordedPlan } from './stack/plan.mjs';
import { bringDown, oneAtATime, supervisorPid } from './stack/running.mjs';
import { runCommand, say, Trouble } from './stack/say.mjs';
import { stackIsReady, writeStackFile } from './stack/stack-file.mjs';

/** @typedef {import('./stack/plan.mjs').Plan} Plan */
/** @typedef {import('./parts/all-parts.mjs').Part} Part */

const NAMES = PARTS.map((part) => part.name).join('|');

/** A part, or one instance of a part that has several, as `postgres-orders` or `app1`. @param {Plan} plan @param {string | undefined} name @returns {Part[]} */
function partsNamed(plan, name) {
  if (!name || name === 'all') return PARTS;
  const whole = PARTS.filter((part) => part.name === name);
  if (whole.length > 0) return whole;
  const holder = PARTS.find((part) => part.instances(plan).some(({ id }) => id === name));
  if (!holder) throw new Trouble(`there is no part ${name}: use ${NAMES} or all`);
  return [{ ...holder, name, instances: (of) => holder.instances(of).filter(({ id }) => id === name) }];
}

/** @param {Plan} plan @param {Part[]} parts */
function refuseAbsent(plan, parts) {
  if (instancesOf(plan, parts).length > 0) return;
  const given = parts.every((part) => SERVICES.includes(part));
  const why = given ? 'its URL was given in the environment' : 'the stack was started with --services-only';
  throw new Trouble(`${parts[0].name} is no part of this stack: ${why}`);
}

/** @param {Plan} plan @param {Part[]} parts */
async function start(plan, parts) {
  for (const part of parts) {
    const wanted = part.instances(plan);
    const started = await Promise.allSettled(wanted.map((instance) => startInstance(plan, part, instance)));
    const failed = started.find((result) => result.status === 'rejected');
    if (stackIsReady(plan)) writeStackFile(plan);
    if (failed) throw failed.reason;
    if (started.every((result) => result.status === 'fulfilled' && !result.value)) say(`${part.name}: already running`);
  }
}

/** @param {Plan} plan @param {Part[]} parts */
async function stop(plan, parts) {
  for (const { part, instance } of instancesOf(plan, parts)) {
    await stopInstance(plan, part, instance);
    say(`${instance.title}: stopped`);
  }
  if (stackIsReady(plan)) writeStackFile(plan);
}

/** The whole stack: by the `npm start` that holds it, or, when that was killed, by hand. @param {Plan} plan */
async function stopEverything(plan) {
  const supervisor = supervisorPid(plan);
  if (supervisor === null) {
    await bringDown(plan);
    return say('stopped');
  }
  process.kill(supervisor, 'SIGTERM');
  const deadline = Date.now() + 60_000;
  while (supervisorPid(plan) !== null && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (supervisorPid(plan) !== null) throw new Trouble(`pid ${supervisor} does not stop: end it, then try again`);
  say('stopped');
}

/** @param {Plan} plan @param {Part[]} parts */
function status(plan, parts) {
  let missing = 0;
  for (const { instance } of instancesOf(plan, parts)) {
    const pid = runningPid(plan.stackDir, instance.id);
    if (pid === null) missing += 1;
    const at = instance.ports.length > 0 ? `port ${instance.ports.join(', ')}` : '';
    say(`${instance.id.padEnd(18)} ${pid === null ? 'stopped' : 'running'}  ${String(pid ?? '').padEnd(8)} ${at}`);
  }
  return missing === 0 ? 0 : 1;
}

await runCommand(async () => {
  const [action, name, ...more] = process.argv.slice(2);
  const usage = `use: npm run stack -- start|stop|status ${NAMES}|all`;
  if (more.length > 0 || !['start', 'stop', 'status'].includes(action)) throw new Trouble(usage);
  if (!name && action !== 'status') throw new Trouble(usage);
  const plan = recordedPlan();
  const parts = partsNamed(plan, name);
  if (action === 'status') return status(plan, parts);
  if (action === 'stop' && name === 'all') return void (await stopEverything(plan));
  refuseAbsent(plan, parts);
  await oneAtATime(plan, () => (action === 'start' ? start(plan, parts) : stop(plan, parts)));
  return 0;
});
