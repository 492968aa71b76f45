// @ts-check
import path from 'node:path';
import { redisProgram } from '../setup/redis-program.mjs';
import { folderOf } from '../stack/folders.mjs';
import { isGiven, ROOT } from '../stack/plan.mjs';
import { answersLine } from '../stack/waiting.mjs';

/** @type {import('./all-parts.mjs').Part} */
export const redis = {
  name: 'redis',
  instances: (plan) => (isGiven(plan, 'redis') ? [] : [{ id: 'redis', title: 'redis', ports: [plan.ports.redis] }]),
  obtain: () => redisProgram(),
  async launch(plan, instance) {
    const data = folderOf(plan, 'data', instance.id);
    const configuration = path.join(ROOT, 'config', 'redis', 'redis.conf');
    const own = ['--bind', '127.0.0.1', '--port', String(instance.ports[0]), '--dir', data, '--daemonize', 'no'];
    return { command: await redisProgram(), args: [configuration, ...own], cwd: data };
  },
  answers: (_, instance) => answersLine(instance.ports[0], 'PING\r\n', '+PONG'),
  readySeconds: 30,
  stopSignal: 'SIGTERM',
  graceSeconds: 10,
};
