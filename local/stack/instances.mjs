// @ts-check
/** Starting and stopping one instance of a part. */
import { lastLogLine, logFile, runningPid, startChild, stopChild, sweepGroup } from './children.mjs';
import { elapsed, say, Trouble } from './say.mjs';
import { portIsFree, until } from './waiting.mjs';

/**
 * @typedef {import('../parts/all-parts.mjs').Part} Part
 * @typedef {import('../parts/all-parts.mjs').Instance} Instance
 * @typedef {import('./plan.mjs').Plan} Plan
 */

let closing = false;

/** From now on nothing is started here: a start that was interrupted must not go on behind the stop. */
export function startNoMore() {
  closing = true;
}

/** What was killed a moment ago gives its ports back within so long. */
const SWEPT_SECONDS = 3;

/** Once what a dead instance left behind is ended: it may hold the ports. @param {Plan} plan @param {Instance} instance */
export async function checkPorts(plan, instance) {
  const seconds = sweepGroup(plan.stackDir, instance.id) ? SWEPT_SECONDS : 0;
  for (const port of instance.ports) {
    if (await becomesFree(port, seconds)) continue;
    throw new Trouble(
      `port ${port} (${instance.title}) is taken: stop what uses it, or set PORT_OFFSET to move all ports`,
    );
  }
}

/** @param {number} port @param {number} seconds */
async function becomesFree(port, seconds) {
  const look = async () => {
    if (!(await portIsFree(port))) throw new Error(`port ${port} is taken`);
  };
  return (await portIsFree(port)) || until(look, { seconds });
}

/** Starts a dead instance and waits until it answers. @param {Plan} plan @param {Part} part @param {Instance} instance */
export async function startInstance(plan, part, instance) {
  if (runningPid(plan.stackDir, instance.id) !== null) return false;
  await checkPorts(plan, instance);
  const since = Date.now();
  const launch = await part.launch(plan, instance);
  const died = () => runningPid(plan.stackDir, instance.id) === null;
  // A killed server may hold its files for a moment longer than its process id.
  for (let tries = 1; ; tries += 1) {
    if (closing) throw new Trouble('stopped');
    await startChild(plan.stackDir, instance.id, launch);
    const answers = await until(() => part.answers(plan, instance), { seconds: part.readySeconds, gaveUp: died });
    if (answers && !died()) break;
    if (tries < 3 && died() && Date.now() - since < 5000) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      continue;
    }
    const why = lastLogLine(plan.stackDir, instance.id);
    const what = died() ? 'ended while starting' : `does not answer after ${part.readySeconds} s`;
    await stopInstance(plan, part, instance);
    throw new Trouble(`${instance.title} ${what}: see ${logFile(plan.stackDir, instance.id)}${why ? ` (${why})` : ''}`);
  }
  const at = instance.ports.length > 0 ? ` on ${instance.ports[0]}` : '';
  say(`${instance.title}: ready${at} (${elapsed(since)})`);
  return true;
}

/** @param {Plan} plan @param {Part} part @param {Instance} instance */
export function stopInstance(plan, part, instance) {
  return stopChild(plan.stackDir, instance.id, part.stopSignal, part.graceSeconds * 1000);
}

/** Every instance of some parts with its part. @param {Plan} plan @param {Part[]} parts */
export function instancesOf(plan, parts) {
  return parts.flatMap((part) => part.instances(plan).map((instance) => ({ part, instance })));
}

/**
 * Side by side; all have ended, one way or the other, before the first failure is told.
 * @param {Plan} plan @param {Part[]} parts
 */
export async function startAll(plan, parts) {
  const starts = instancesOf(plan, parts).map(({ part, instance }) => startInstance(plan, part, instance));
  const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** @param {Plan} plan @param {Part[]} parts */
export async function stopAll(plan, parts) {
  await Promise.all(instancesOf(plan, parts).map(({ part, instance }) => stopInstance(plan, part, instance)));
}
