// @ts-check
/**
 * npm run test:guards [-- --only <words of a guard's name>] [-- --from <number of the first>] [-- --report]
 * Takes each guard away, one at a time, in a copy of the tree, and sees a test fail. A guard whose removal no test
 * notices is an error of this command.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../../local/setup/programs.mjs';
import { runCommand, say, Trouble } from '../../local/stack/say.mjs';
import { GUARDS } from './guards.mjs';

/** @typedef {import('./guards.mjs').Guard} Guard */
/** @typedef {{ guard: Guard, failed: string[], ran: number }} Finding */

const ROOT = path.join(import.meta.dirname, '..', '..');
const COPY = path.join(ROOT, '.local', 'guards');
const RESULT = path.join(COPY, '.local', 'jest.json');
const OUTPUT = path.join(COPY, '.local', 'output.log');

/** What is committed or about to be, and the packages, by hard links. */
async function copyTree() {
  fs.rmSync(COPY, { recursive: true, force: true });
  fs.mkdirSync(path.join(COPY, '.local'), { recursive: true });
  const { out } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const file of out.split('\n').filter((name) => name && fs.existsSync(path.join(ROOT, name)))) {
    fs.mkdirSync(path.dirname(path.join(COPY, file)), { recursive: true });
    fs.copyFileSync(path.join(ROOT, file), path.join(COPY, file));
  }
  await run('cp', ['-al', path.join(ROOT, 'node_modules'), path.join(COPY, 'node_modules')]);
}

/** The copy's own stack: its servers run the copy's code, and its databases are made by the copy's migrations. */
async function copysStack() {
  process.env.STACK_DIR = path.join(COPY, '.local', 'test');
  process.env.PORT_OFFSET ||= '6900';
  const inCopy = (/** @type {string} */ file) => import(path.join(COPY, 'local', file));
  const { makePlan } = await inCopy('stack/plan.mjs');
  const { bringDown, bringUp, wipe } = await inCopy('stack/running.mjs');
  const { startInstance, stopInstance } = await inCopy('stack/instances.mjs');
  const { commandSettings } = await inCopy('stack/settings.mjs');
  const { stackFile } = await inCopy('stack/stack-file.mjs');
  const { certificateFile } = await inCopy('parts/nginx.mjs');
  const { app } = await inCopy('parts/app.mjs');
  const plan = makePlan('test');
  wipe(plan);
  await bringUp(plan);
  return {
    env: {
      ...process.env,
      ...commandSettings(plan, 'jest'),
      STACK_FILE: stackFile(plan),
      NODE_EXTRA_CA_CERTS: certificateFile(plan),
    },
    async restartServers() {
      await run('npm', ['run', 'build'], { cwd: COPY });
      for (const instance of app.instances(plan)) {
        await stopInstance(plan, app, instance);
        await startInstance(plan, app, instance);
      }
    },
    stop: () => bringDown(plan),
  };
}

/** @param {NodeJS.ProcessEnv} env @param {string[]} files @returns {Promise<{ failed: string[], passed: string[] }>} */
async function jest(env, files) {
  fs.rmSync(RESULT, { force: true });
  const program = path.join(COPY, 'node_modules/jest/bin/jest.js');
  const args = [program, '--config', 'test/jest.config.js', ...files, '--json', `--outputFile=${RESULT}`];
  const log = fs.openSync(OUTPUT, 'w');
  const child = spawn(process.execPath, args, { cwd: COPY, env, stdio: ['ignore', log, log] });
  await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  fs.closeSync(log);
  if (!fs.existsSync(RESULT)) throw new Trouble(`the tests did not run: see ${OUTPUT}`);
  const { testResults } = JSON.parse(fs.readFileSync(RESULT, 'utf8'));
  const all = testResults.flatMap((/** @type {any} */ suite) => suite.assertionResults);
  const named = (/** @type {string} */ status) =>
    all.filter((/** @type {any} */ test) => test.status === status).map((/** @type {any} */ test) => test.fullName);
  // A suite that does not even load says nothing about the guard.
  if (all.length === 0) throw new Trouble(`no test ran: see ${OUTPUT}`);
  return { failed: named('failed'), passed: named('passed') };
}

/** @param {Awaited<ReturnType<typeof copysStack>>} stack @param {Guard} guard @returns {Promise<Finding>} */
async function without(stack, guard) {
  const file = path.join(COPY, guard.file);
  const text = fs.readFileSync(file, 'utf8');
  if (text.split(guard.code).length !== 2) throw new Trouble(`${guard.file} does not hold exactly once: ${guard.code}`);
  fs.writeFileSync(
    file,
    text.replace(guard.code, () => guard.without),
  );
  try {
    if (guard.inServers) await stack.restartServers();
    const { failed, passed } = await jest(stack.env, [guard.test]);
    return { guard, failed, ran: failed.length + passed.length };
  } finally {
    fs.writeFileSync(file, text);
    if (guard.inServers) await stack.restartServers();
  }
}

/** Names of tests may hold what Markdown would read as a new column. @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** @param {Finding[]} findings */
function reportOf(findings) {
  const rows = findings.map(({ guard, failed }) => {
    const change = `\`${cell(guard.code.trim().split('\n')[0])}\`${guard.code.trim().includes('\n') ? ' …' : ''} → ${guard.without.trim() === '' ? 'nothing' : `\`${cell(guard.without.trim().split('\n')[0])}\``}`;
    return `| ${cell(guard.what)} | \`${guard.file}\`: ${change} | \`${guard.test}\`: ${failed.length > 0 ? cell(failed[0]) : '**no test noticed**'} |`;
  });
  return `# Guards, and the test that fails without each

\`npm run test:guards -- --report\` takes each guard out of a copy of the tree, alone, and runs the test named here, against
real services. With all guards in place these tests pass; without its guard each fails.

| what is guarded | what is taken away | the test that then fails |
| --- | --- | --- |
${rows.join('\n')}
`;
}

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      from: { type: 'string', default: '1' },
      report: { type: 'boolean', default: false },
    },
  });
  const guards = GUARDS.slice(Number(values.from) - 1).filter(({ what }) => !values.only || what.includes(values.only));
  await copyTree();
  const stack = await copysStack();
  /** @type {Finding[]} */
  const findings = [];
  try {
    const untouched = await jest(stack.env, [...new Set(guards.map(({ test }) => test))]);
    if (untouched.failed.length > 0) throw new Trouble(`with all guards in place: ${untouched.failed.join('; ')}`);
    say(`with all guards in place: ${untouched.passed.length} tests pass`);
    for (const guard of guards) {
      const finding = await without(stack, guard);
      findings.push(finding);
      const noticed = finding.failed.length > 0;
      const seen = noticed ? finding.failed[0] : `${finding.ran} tests ran`;
      say(`${noticed ? 'noticed    ' : 'NOT NOTICED'}  ${guard.what}: ${seen}`);
      if (values.report) fs.writeFileSync(path.join(ROOT, 'docs/results/guards.md'), reportOf(findings));
    }
  } finally {
    await stack.stop();
  }
  const missed = findings.filter(({ failed }) => failed.length === 0).length;
  say(`${findings.length} guards taken away, ${missed} not noticed`);
  fs.rmSync(COPY, { recursive: true, force: true });
  return missed === 0 ? 0 : 1;
});
