// @ts-check
/** Bringing a whole stack up and down. `npm start` and `npm test` differ only in what they do in between. */
import fs from 'node:fs';
import path from 'node:path';
import { GATEWAY, PARTS, SERVERS, SERVICES } from '../parts/all-parts.mjs';
import { postgresFolder } from '../parts/postgres.mjs';
import { exclusively } from '../setup/cache.mjs';
import { buildApplication, checkDisk, installDependencies } from '../setup/dependencies.mjs';
import { run } from '../setup/programs.mjs';
import { birth, runningPid, sweepGroup, writeWhole } from './children.mjs';
import { folderOf, OWN_ENTRIES } from './folders.mjs';
import { checkPorts, instancesOf, startAll, stopAll } from './instances.mjs';
import { inStack, recordPlan, ROOT } from './plan.mjs';
import { slowStep, Trouble } from './say.mjs';
import { commandSettings } from './settings.mjs';
import { removeStackFile, writeStackFile } from './stack-file.mjs';

/** @typedef {import('./plan.mjs').Plan} Plan */

const SUPERVISOR = 'supervisor.json';

/** Starting and stopping parts from two terminals at once would cross. @template T @param {Plan} plan @param {() => Promise<T>} work */
export const oneAtATime = (plan, work) => exclusively(inStack(plan, 'run', 'lock'), 'stack', work);

/** The pid of the `npm start` that holds this data folder, or null. @param {Plan} plan */
export function supervisorPid(plan) {
  try {
    const { pid, born } = JSON.parse(fs.readFileSync(inStack(plan, 'run', SUPERVISOR), 'utf8'));
    return birth(pid) === born ? Number(pid) : null;
  } catch {
    return null;
  }
}

/** Also those that an earlier start with other settings had. @param {Plan} plan */
const everyInstance = (plan) => instancesOf({ ...plan, given: {}, servicesOnly: false }, PARTS);

/** @param {Plan} plan */
function refuseASecondStart(plan) {
  const folder = path.relative(process.cwd(), plan.stackDir) || '.';
  const supervisor = supervisorPid(plan);
  if (supervisor !== null && supervisor !== process.pid) {
    throw new Trouble(
      `already running in ${folder} (pid ${supervisor}): stop it with Ctrl-C there or \`STACK_DIR=${folder} npm run stack -- stop all\``,
    );
  }
  const left = everyInstance(plan).filter(({ instance }) => runningPid(plan.stackDir, instance.id) !== null);
  if (left.length > 0) {
    const names = left.map(({ instance }) => instance.title).join(', ');
    throw new Trouble(
      `already running in ${folder} (left by an earlier start: ${names}): stop it with \`STACK_DIR=${folder} npm run stack -- stop all\``,
    );
  }
}

/** @param {Plan} plan */
export function wipe(plan) {
  refuseASecondStart(plan);
  // Their pid files go with the rest, and nobody would find them after that.
  for (const { instance } of everyInstance(plan)) sweepGroup(plan.stackDir, instance.id);
  fs.rmSync(postgresFolder(plan), { recursive: true, force: true });
  for (const name of OWN_ENTRIES) fs.rmSync(inStack(plan, name), { recursive: true, force: true });
}

/** Runs one command of the compiled application. @param {Plan} plan @param {string} command @param {string} hint */
async function runCli(plan, command, hint) {
  const env = commandSettings(plan);
  try {
    await slowStep(command, hint, () =>
      run(process.execPath, [path.join(ROOT, 'dist', 'src', 'cli.js'), command], { cwd: ROOT, env }),
    );
  } catch (error) {
    throw new Trouble(`\`${command}\` failed: ${/** @type {Error} */ (error).message}`);
  }
}

/** Tables, topics, the admin and the demo catalogue; what is there already is left alone. @param {Plan} plan */
export async function prepareData(plan) {
  await runCli(plan, 'prepare', 'tables, Kafka topics, the admin, the demo catalogue');
}

/**
 * Everything up to a ready shop. When a step fails, what was started is stopped again.
 * @param {Plan} plan
 */
export async function bringUp(plan) {
  refuseASecondStart(plan);
  folderOf(plan, 'run');
  removeStackFile(plan);
  checkDisk(plan.stackDir);
  for (const { instance } of instancesOf(plan, PARTS)) await checkPorts(plan, instance);
  writeWhole(inStack(plan, 'run', SUPERVISOR), JSON.stringify({ pid: process.pid, born: birth(process.pid) }));
  recordPlan(plan);
  try {
    const wanted = PARTS.filter((part) => part.instances(plan).length > 0);
    const packages = installDependencies().then(() => (plan.servicesOnly ? undefined : buildApplication()));
    await allSettledOrThrow([packages, ...wanted.map((part) => part.obtain(plan))]);
    await startAll(plan, SERVICES);
    if (!plan.servicesOnly) {
      await prepareData(plan);
      await startAll(plan, SERVERS);
      await startAll(plan, GATEWAY);
    }
    writeStackFile(plan);
  } catch (error) {
    await bringDown(plan);
    throw error;
  }
}

/** @param {Promise<unknown>[]} all */
async function allSettledOrThrow(all) {
  const failed = (await Promise.allSettled(all)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** The servers first, so that none meets a missing database. Parts restarted from another terminal are found by their pid files. @param {Plan} plan */
export async function bringDown(plan) {
  await oneAtATime(plan, async () => {
    removeStackFile(plan);
    await stopAll(plan, SERVERS);
    await stopAll(plan, GATEWAY);
    await stopAll(plan, SERVICES);
    fs.rmSync(inStack(plan, 'run', 'plan.json'), { force: true });
    fs.rmSync(inStack(plan, 'run', SUPERVISOR), { force: true });
  });
}
