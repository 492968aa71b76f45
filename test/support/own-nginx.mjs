// @ts-check
/**
 * node own-nginx.mjs <folder> <https port> <http port>
 * One more Nginx before the app servers of the running stack, from the same templates, with variables of the environment.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { nginx } from '../../local/parts/nginx.mjs';
import { makePlan } from '../../local/stack/plan.mjs';

const [folder = '', https = '', http = ''] = process.argv.slice(2);
const running = makePlan('test');
const plan = {
  ...running,
  stackDir: path.resolve(folder),
  ports: { ...running.ports, https: Number(https), http: Number(http) },
};
const { command, args, env, cwd } = await nginx.launch(plan, nginx.instances(plan)[0]);
const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
