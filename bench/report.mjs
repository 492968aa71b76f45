// @ts-check
/** The report of a run: ratios first, for they hold on other machines, then tables, then bars. */
import { growth, verdicts } from './bars.mjs';
import { bareCpu, cell, count, largest, table, usualConnections } from './figures.mjs';

/**
 * @typedef {import('./run.mjs').Figures} Figures
 * @typedef {Figures['sizes'][number]} Size
 */

const PARTS = ['app', 'postgres', 'redis', 'kafka', 'mongo', 'nginx'];
const CPU_HEAD = [...PARTS, 'all'];

/** @param {import('./measure.mjs').Cpu} cpu */
const cpuCells = (cpu) => [...PARTS, 'total'].map((part) => cell(cpu[part]));

/** @param {Figures} figures */
function ratios(figures) {
  const at = usualConnections(figures);
  const size = largest(figures);
  const bare = bareCpu(size, at);
  const nest = size.limits?.nest.find(({ connections }) => connections === at)?.cpu;
  const grown = new Map(growth(figures, at).map(({ name, times }) => [name, times]));
  const multiple = (/** @type {number | undefined} */ cpu) =>
    cell(bare === undefined || cpu === undefined ? NaN : cpu / bare);
  const rows = size.loads
    .filter(({ connections }) => connections === at)
    .map(({ name, cpu }) => [name, multiple(cpu.worker), multiple(cpu.total), cell(grown.get(name))]);
  return table(
    ['operation', 'app servers, times bare', 'all processes, times bare', 'p95, largest over smallest'],
    [['empty Nest route', multiple(nest), multiple(nest), '–'], ...rows],
  );
}

/** @param {Size} size */
function limits({ limits: found }) {
  if (!found) return '';
  const rows = [
    ...found.redis.map((bare) => ({ name: 'bare handler, one key of Redis', ...bare })),
    ...found.nest.map((bare) => ({ name: 'empty route of Nest on Fastify', ...bare })),
  ].map(({ name, connections, perSecond, times, cpu }) => [
    ...[name, String(connections), cell(perSecond), cell(times.p50), cell(times.p95), cell(times.p99), cell(cpu)],
  ]);
  const { sql } = found;
  const said = sql
    ? `The SQL of a purchase alone, by pgbench with 8 clients: ${cell(sql.cpu)} ms of CPU of PostgreSQL, ${cell(sql.perSecond)} a second at most
(${Object.entries(sql.databases)
        .map(([name, { perSecond, cpu }]) => `${name} ${cell(cpu)} ms, ${cell(perSecond)}/s`)
        .join('; ')}).`
    : 'The SQL of a purchase alone was not measured: there is no pgbench here.';
  return `### Limits

${table(['limit', 'connections', 'a second', 'p50 ms', 'p95 ms', 'p99 ms', 'CPU ms'], rows)}

${said}
`;
}

/** @param {Size} size */
function purchases(size) {
  if (size.purchases.length === 0) return '';
  const rows = size.purchases.map(({ buyers, perSecond, done, failed, requestsEach, steps, cpu }) => [
    ...[String(buyers), cell(perSecond), count(done), String(failed), cell(requestsEach)],
    ...['add', 'checkout', 'place', 'status', 'confirmed'].map((step) => cell(steps[step]?.p95)),
    ...[cell(steps.whole?.p50), cell(steps.whole?.p95)],
    ...[...cpuCells(cpu).slice(0, -1), cell(cpu.provider), cell(cpu.total)],
  ]);
  const steps = ['add', 'checkout', 'place', 'status', 'confirmed'].map((step) => `${step} p95`);
  return `### Whole purchases to \`confirmed\`

Signed-in customers, two lines, each again and again. \`confirmed\` is how long after its placing, by the servers' clock
(of an order that is \`processing\` when the driver asks, until it was that); the driver asks first when orders of late were confirmed,
then each half second. CPU is until all mails are sent.

${table(['buyers', 'orders a second', 'orders', 'failed', 'requests each', ...steps, 'whole p50', 'whole p95', ...PARTS, 'provider', 'all'], rows)}
`;
}

/** @param {Size} size */
function ofSize(size) {
  const loads = size.loads.map(({ name, connections, perSecond, failed, times, cpu }) => [
    ...[name, String(connections), cell(perSecond), String(failed)],
    ...[cell(times.p50), cell(times.p95), cell(times.p99), ...cpuCells(cpu)],
  ]);
  const head = ['operation', 'connections', 'a second', 'failed', 'p50 ms', 'p95 ms', 'p99 ms', ...CPU_HEAD];
  const rates = size.rates.map(({ name, rate, operations, failed, late, times }) => [
    ...[name, String(rate), count(operations), String(failed), String(late)],
    ...[cell(times.p50), cell(times.p95), cell(times.p99)],
  ]);
  const memory = Object.entries(size.memory).map(([worker, megabytes]) => `${worker.split(' ')[0]} ${cell(megabytes)}`);
  return `## ${count(size.products)} products, ${count(size.live)} live and ${count(size.archived)} archived orders

While nobody asks, a second costs ${PARTS.map((part) => `${part} ${cell(size.idle[part])}`).join(', ')} ms of CPU. That is in all
figures below, so rare operations look dearer than they are. Memory of the workers afterwards, MB:
${memory.join(', ')}; with what they share counted once, ${cell(size.memoryTogether)} together.

${limits(size)}
### Requests

${table(head, loads)}
${size.troubles.map((trouble) => `\nBroke off: ${trouble}\n`).join('')}
${purchases(size)}
${rates.length === 0 ? '' : `### At an even rate\n\n${table(['operation', 'a second', 'answers', 'failed', 'began late', 'p50 ms', 'p95 ms', 'p99 ms'], rates)}\n`}
${soak(size)}`.replace(/\n{3,}/g, '\n\n');
}

/** @param {Size} size */
function soak({ soak: found }) {
  if (!found) return '';
  const rows = found.workers.map(({ worker, most, slopePerMinute }) => [worker, cell(most), slopePerMinute.toFixed(2)]);
  return `### ${found.seconds} seconds of an even load

${count(found.reads.operations)} reads, p95 ${cell(found.reads.times.p95)} ms, ${found.reads.failed} failed; ${count(found.purchases.done)} purchases, ${found.purchases.failed} failed.
The slope is of the last 70 %.

${table(['worker', 'most MB', 'MB a minute'], rows)}
`;
}

/** @param {Figures} figures */
function bars(figures) {
  const word = (/** @type {boolean | null} */ met) => (met === null ? '–' : met ? 'met' : '**missed**');
  const rows = verdicts(figures).map(({ bar, measured, met }) => [bar, measured, word(met)]);
  return table(['bar', 'measured', ''], rows);
}

/** @param {Figures} figures */
function command({ options }) {
  const list = (/** @type {number[]} */ numbers) => numbers.join(',');
  const words = [
    `--products ${list(options.sizes.map(({ products }) => products))}`,
    `--connections ${list(options.connections)} --seconds ${options.seconds}`,
    `--warm-up ${options.warmUp} --warm-up-purchases ${options.warmUpPurchases}`,
    `--live-orders ${list(options.sizes.map(({ live }) => live))}`,
    `--archived-orders ${list(options.sizes.map(({ archived }) => archived))}`,
    ...(options.only.length > 0 ? [`--only ${options.only.join(',')}`] : []),
    ...(options.soak > 0 ? [`--soak ${options.soak}`] : []),
  ];
  return `npm run bench -- ${words.join(' \\\n  ')}`;
}

/** @param {Figures} figures */
export function reportOf(figures) {
  const { machine, options, begun, minutes, sizes } = figures;
  const trial = options.trial
    ? '\n**A trial: too short, or on a busy machine. It shows that the benchmark works, no more.**\n'
    : '';
  return `# Performance
${trial}
Measured ${begun.slice(0, 10)} at ${machine.commit} on ${machine.processors} processors (${machine.model}, ${machine.gigabytes} GB, Node ${machine.node}) that run
everything, those who ask included, in ${minutes.toFixed(0)} minutes. Rates and times are of that machine; CPU per operation less so, and
ratios hold elsewhere. What is measured and how: [bench/README.md](../../bench/README.md). Again:

\`\`\`bash
${command(figures)}
\`\`\`

## Ratios

CPU of an operation as a multiple of a bare Node handler's that answers with one key of Redis, in the same run; and what a
larger catalogue costs. At ${usualConnections(figures)} connections, ${count(largest(figures).products)} products.

${ratios(figures)}

${sizes.map(ofSize).join('\n')}
## Bars

At ${usualConnections(figures)} connections and the largest catalogue where nothing else is said.

${bars(figures)}

## Beside others

Measured on such a machine with their own defaults, CPU of server and PostgreSQL: Vendure 3.7.3 8 orders/s at 187 CPU ms and
129 details/s at 12 ms; Medusa 2.21 1.1 orders/s and 48 details/s.
`;
}
