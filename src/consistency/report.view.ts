import type { Report } from './consistency.types';
import type { Repaired } from './repair.service';

/** What the command's exit code says: nothing found, breaches, or not everything could be looked at. */
export function exitCodeOf(report: Report): 0 | 1 | 2 {
  if (report.breaches.length > 0) return 1;
  return report.skipped.length > 0 ? 2 : 0;
}

function lookedAt({ checked }: Report): string {
  const counts = Object.entries(checked).filter(([, count]) => count > 0);
  return counts.length === 0 ? 'nothing there' : counts.map(([check, count]) => `${count} ${check}`).join(', ');
}

/** The report for a terminal. */
export function readable(report: Report): string {
  const { breaches, skipped } = report;
  return [
    ...breaches.flatMap((breach) => [
      `${breach.invariant}: ${breach.detail}`,
      `  ids: ${breach.ids.join(' ')}`,
      `  ${breach.fix ? 'repair' : 'to do'}: ${breach.repair}`,
    ]),
    ...skipped.map(({ check, because }) => `not checked: ${check}: ${because}`),
    `looked at: ${lookedAt(report)}`,
    breaches.length === 0 ? 'no breaches' : `${breaches.length} ${breaches.length === 1 ? 'breach' : 'breaches'}`,
  ].join('\n');
}

export function readableRepairs(repaired: readonly Repaired[]): string {
  if (repaired.length === 0) return 'repaired: nothing';
  return repaired.map(({ invariant, ids, done }) => `repaired ${invariant} (${ids.join(' ')}): ${done}`).join('\n');
}
