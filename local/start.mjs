// @ts-check
/**
 * npm start [-- --fresh] [-- --services-only]
 * The whole shop on this machine, without Docker; stays until Ctrl-C or SIGTERM.
 *   --fresh          wipes the data folder first
 *   --services-only  databases, Redis, Kafka, provider and mailbox, but no app servers and no Nginx
 */
import { checkNode } from './setup/dependencies.mjs';
import { startNoMore } from './stack/instances.mjs';
import { makePlan } from './stack/plan.mjs';
import { bringDown, bringUp, wipe } from './stack/running.mjs';
import { runCommand, say, Trouble } from './stack/say.mjs';
import { adminLogin, apiUrls, baseUrl, mailUrl, providerUrl, smsUrl } from './stack/settings.mjs';
import { stopRequested } from './stack/signals.mjs';
import { stackFile } from './stack/stack-file.mjs';

const FLAGS = ['--fresh', '--services-only'];

/** @param {import('./stack/plan.mjs').Plan} plan */
function announce(plan) {
  const admin = adminLogin(plan);
  const lines = plan.servicesOnly
    ? ['Services are ready (no app servers).']
    : [
        'Tradepost is ready.',
        `  API      ${baseUrl(plan)}/v1   (self-signed certificate; the servers themselves: ${apiUrls(plan).join(', ')})`,
        `  docs     ${baseUrl(plan)}/docs`,
        `  admin    ${admin.email} / ${admin.password}`,
      ];
  if (mailUrl(plan)) lines.push(`  mail     ${mailUrl(plan)}   text messages ${smsUrl(plan)}`);
  lines.push(`  payments ${providerUrl(plan)}/charges`, `  details  ${stackFile(plan)}`, 'Ctrl-C stops everything.');
  say(`\n${lines.join('\n')}`);
}

await runCommand(async () => {
  checkNode();
  const flags = process.argv.slice(2);
  const unknown = flags.find((flag) => !FLAGS.includes(flag));
  if (unknown) throw new Trouble(`unknown option ${unknown}: there are ${FLAGS.join(' and ')}`);
  const plan = makePlan('start', { servicesOnly: flags.includes('--services-only') });
  const stop = stopRequested();
  if (flags.includes('--fresh')) wipe(plan);
  const up = bringUp(plan);
  up.catch(() => {});
  const first = await Promise.race([up.then(() => 'up'), stop]);
  if (first === 'up') {
    announce(plan);
    await stop;
  }
  say('\nstopping …');
  startNoMore();
  await bringDown(plan);
  say('stopped');
});
