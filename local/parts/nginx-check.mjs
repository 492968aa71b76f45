// @ts-check
/** Asks the app servers every five seconds and takes a silent one out of Nginx's list. */
import path from 'node:path';
import { nginxPrograms } from '../setup/nginx-program.mjs';
import { ROOT } from '../stack/plan.mjs';
import { nginxArguments, nginxVariables } from './nginx.mjs';

/** @type {import('./all-parts.mjs').Part} */
export const nginxCheck = {
  name: 'nginx-check',
  instances: (plan) => (plan.servicesOnly ? [] : [{ id: 'nginx-check', title: 'nginx check', ports: [] }]),
  obtain: () => nginxPrograms(),
  async launch(plan) {
    const { nginx } = await nginxPrograms();
    const env = {
      ...process.env,
      ...nginxVariables(plan),
      NGINX_COMMAND: nginx,
      NGINX_ARGUMENTS: nginxArguments(plan).join('\n'),
    };
    return { command: 'sh', args: [path.join(ROOT, 'nginx', 'active-check.sh'), 'watch'], env, cwd: ROOT };
  },
  answers: async () => {},
  readySeconds: 5,
  stopSignal: 'SIGTERM',
  graceSeconds: 3,
};
