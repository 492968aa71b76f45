// @ts-check
/**
 * npm run test:fuzz [-- --seed 1] [-- --examples 40] [-- --role customer] [-- --only <words of a route>] [-- --phases coverage]
 * Schemathesis with all its checks over clients/openapi.json, as a customer and as an admin, through the whole stack:
 * no 5xx, nothing undocumented, what the document forbids is refused and what it allows is taken. Needs Python 3.10.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { certificateFile } from '../../local/parts/nginx.mjs';
import { makePlan, ROOT } from '../../local/stack/plan.mjs';
import { bringDown, bringUp, wipe } from '../../local/stack/running.mjs';
import { runCommand, say, Trouble } from '../../local/stack/say.mjs';
import { adminLogin, baseUrl } from '../../local/stack/settings.mjs';
import { stopRequested } from '../../local/stack/signals.mjs';
import { python } from './python.mjs';

process.env.STACK_DIR ||= path.join(ROOT, '.local', 'fuzz');
process.env.PORT_OFFSET ||= '7300';
const ROLES = ['customer', 'admin'];

/**
 * @typedef {{ seed: string, examples: string, only?: string, phases: string }} Wish
 * @param {import('../../local/stack/plan.mjs').Plan} plan @param {string} program @param {string} role @param {Wish} wish
 * @param {Promise<unknown>} stop @returns {Promise<number>}
 */
function fuzz(plan, program, role, wish, stop) {
  const admin = adminLogin(plan);
  const reports = path.join(plan.stackDir, 'fuzz');
  const args = ['-c', 'import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())'];
  args.push('--config-file', path.join(import.meta.dirname, 'schemathesis.toml'), 'run', 'clients/openapi.json');
  args.push('--url', baseUrl(plan), '--seed', wish.seed, '--max-examples', wish.examples, '--phases', wish.phases);
  args.push('--tls-verify', certificateFile(plan), '--workers', '2', '--no-color');
  args.push('--report', 'junit', '--report-junit-path', path.join(reports, `${role}.xml`));
  if (wish.only) args.push('--include-path-regex', wish.only);
  const env = {
    ...process.env,
    PYTHONPATH: ROOT,
    REQUESTS_CA_BUNDLE: certificateFile(plan),
    PYTHONDONTWRITEBYTECODE: '1',
    FUZZ_ROLE: role,
    FUZZ_BASE_URL: baseUrl(plan),
    FUZZ_ADMIN_EMAIL: admin.email,
    FUZZ_ADMIN_PASSWORD: admin.password,
  };
  fs.mkdirSync(reports, { recursive: true });
  const log = fs.createWriteStream(path.join(reports, `${role}.log`));
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(log, { end: false });
    stream.pipe(process.stdout, { end: false });
  }
  void stop.then(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve(code ?? 1)));
}

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      examples: { type: 'string', default: '40' },
      phases: { type: 'string', default: 'examples,coverage,fuzzing,stateful' },
      role: { type: 'string' },
      only: { type: 'string' },
    },
  });
  if (values.role && !ROLES.includes(values.role)) throw new Trouble(`--role is one of ${ROLES.join(', ')}`);
  const program = await python();
  const plan = makePlan('start');
  plan.environment.RATE_LIMIT_SCALE = '100000';
  const stop = stopRequested();
  let interrupted = false;
  void stop.then(() => (interrupted = true));
  wipe(plan);
  let worst = 0;
  try {
    await bringUp(plan);
    for (const role of values.role ? [values.role] : ROLES) {
      if (interrupted) break;
      say(`\n== as ${role}`);
      worst = Math.max(worst, await fuzz(plan, program, role, values, stop));
    }
  } finally {
    await bringDown(plan);
  }
  return interrupted ? 1 : worst;
});
