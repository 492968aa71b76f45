// @ts-check
/** The sandbox payment provider: outside of Tradepost, reached over HTTP. */
import path from 'node:path';
import { folderOf } from '../stack/folders.mjs';
import { isGiven, ROOT } from '../stack/plan.mjs';
import { apiUrls, webhookSecret } from '../stack/settings.mjs';
import { answersOk } from '../stack/waiting.mjs';

/** @type {import('./all-parts.mjs').Part} */
export const provider = {
  name: 'provider',
  instances: (plan) =>
    isGiven(plan, 'provider') ? [] : [{ id: 'provider', title: 'payment provider', ports: [plan.ports.provider] }],
  obtain: async () => {},
  async launch(plan, instance) {
    const data = folderOf(plan, 'data', 'provider');
    const webhooks = apiUrls(plan).map((url) => `${url}/v1/webhooks/payments/sandbox`);
    const env = {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: String(instance.ports[0]),
      PROVIDER_DATA: data,
      WEBHOOK_URL: webhooks.join(','),
      WEBHOOK_SECRET: webhookSecret(plan),
    };
    return { command: process.execPath, args: [path.join(ROOT, 'local/services/provider.mjs')], env, cwd: ROOT };
  },
  answers: (_, instance) => answersOk(`http://127.0.0.1:${instance.ports[0]}/health`),
  readySeconds: 20,
  stopSignal: 'SIGTERM',
  graceSeconds: 5,
};
