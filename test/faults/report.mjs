// @ts-check
/** What a fault run found, for docs/results/faults.md. */

/**
 * @typedef {{ seed: number, broken: string[], orders: number, refused: number, sentAgain: number, answers: Map<number, number>,
 *   duplicates: number, settledMs: number, consistentMs: number, seconds: number, breaches: string[] }} Run
 */

/** @param {Run[]} runs @param {(run: Run) => number} figure */
const sum = (runs, figure) => runs.reduce((total, run) => total + figure(run), 0);

/** @param {Run[]} runs */
export function reportOf(runs) {
  const rows = runs.map(
    (run) =>
      `| ${run.seed} | ${run.broken.join('; ')} | ${run.orders} | ${run.refused} | ${run.sentAgain} | ${run.duplicates} | ${(run.settledMs / 1000).toFixed(0)} s | ${run.breaches.length} |`,
  );
  const found = runs.flatMap((run) => run.breaches.map((breach) => `- seed ${run.seed}: ${breach}`));
  return `# Broken on purpose

\`npm run test:faults -- --report\` on one 2-core machine that runs everything: ${runs.length} seeds, ${sum(runs, (run) => run.orders)} orders placed through
Nginx while parts were killed (\`kill -9\`), frozen (SIGSTOP for 20 s), cut off (every connection reset) or slowed (2 s an
answer) one at a time and in pairs. Payments go by \`tok_ok\`, \`tok_declined\`, \`tok_slow\`, \`tok_unknown\` and \`tok_flaky\`; customers
send again with the same key until they are answered, click twice, use two tabs, hang up, cancel.

After each seed: every 201 is an order its customer reads, and no other order exists; one charge kept in the provider's own
ledger for each paid order and none for any other; one confirmation by Message-ID; stock is what was there less what was
sold, and the ledger says so; \`GET /v1/admin/consistency?settledFor=0\` is empty within 120 s; all orders are shipped,
delivered, archived by two jobs at once into one document each, deleted from PostgreSQL and still read.

**${sum(runs, (run) => run.breaches.length)} breaches; ${sum(runs, (run) => run.duplicates)} duplicates dropped by inboxes; ${sum(runs, (run) => run.sentAgain)} requests sent again.**

| seed | what broke, one after the other (\`+\`: at once) | orders | refused (409) | sent again | duplicates dropped | settled after | breaches |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
${found.length > 0 ? `\n${found.join('\n')}\n` : ''}`;
}
