// @ts-check
/** The two application servers behind Nginx; each is a cluster of workers under one primary. */
import path from 'node:path';
import { ROOT } from '../stack/plan.mjs';
import { appSettings } from '../stack/settings.mjs';
import { answersOk } from '../stack/waiting.mjs';

/** @type {import('./all-parts.mjs').Part} */
export const app = {
  name: 'app',
  instances: (plan) =>
    plan.servicesOnly
      ? []
      : [
          { id: 'app1', title: 'app server 1', ports: [plan.ports.app1] },
          { id: 'app2', title: 'app server 2', ports: [plan.ports.app2] },
        ],
  obtain: async () => {},
  async launch(plan, instance) {
    const env = appSettings(plan, instance.id, instance.ports[0]);
    return { command: process.execPath, args: [path.join(ROOT, 'dist', 'src', 'cluster.js')], env, cwd: ROOT };
  },
  answers: (_, instance) => answersOk(`http://127.0.0.1:${instance.ports[0]}/health/ready`),
  readySeconds: 90,
  stopSignal: 'SIGTERM',
  // A server gives its own workers ten seconds to finish what they have begun.
  graceSeconds: 12,
};
