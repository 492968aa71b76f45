import { setTimeout } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../common/clock';
import { SingleFlight } from '../cache/single-flight';
import { AllChecks } from './checks/all.check';
import type { Breach, Check, Finding, Report, Scope } from './consistency.types';
import { StoreProbe } from './store-probe.service';

/** Between the readings: what was only on its way has arrived by then. */
const REREAD_AFTER_MS = 1_500;

/** A check that suspects more than this has seen enough: the memory of a look is bounded. */
const MOST_SUSPECTS = 1_000;

/** One check's first reading. */
interface FirstLook {
  check: Check;
  suspects: Finding[];
}

function sameBreach(a: Finding, b: Finding): boolean {
  return a.invariant === b.invariant && a.key === b.key;
}

function countByQueue(findings: readonly Finding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { queue } of findings) if (queue) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  return counts;
}

/**
 * What both readings show. Of work in line nothing is a breach while the line moves: after a long outage it takes its
 * time, and that it gets shorter is all that can be asked.
 */
export function confirmed(first: readonly Finding[], second: readonly Finding[]): Finding[] {
  const again = second.filter((finding) => first.some((before) => sameBreach(before, finding)));
  const before = countByQueue(first);
  const after = countByQueue(again);
  return again.filter(({ queue }) => !queue || (after.get(queue) ?? 0) >= (before.get(queue) ?? 0));
}

function toBreach({ invariant, ids, detail, repair, fix }: Finding): Breach {
  return { invariant, ids: [...new Set(ids)], detail, repair, fix: fix ?? null };
}

/** Compares what the stores say with each other, and tells only of what two readings show. */
@Injectable()
export class ConsistencyService {
  private readonly logger = new Logger(ConsistencyService.name);
  private readonly flights = new SingleFlight<Report>();

  constructor(
    private readonly checks: AllChecks,
    private readonly probe: StoreProbe,
    private readonly clock: Clock,
  ) {}

  /** Looks at everything, or as far as `withinMs` allows. Asked twice at once, this process looks once. */
  check(scope: Scope, withinMs: number = Infinity): Promise<Report> {
    return this.flights.once(JSON.stringify([scope, withinMs]), () => this.checkAnew(scope, withinMs));
  }

  /** A look that began after this was called: what was just repaired is seen. */
  async checkAnew(scope: Scope, withinMs: number = Infinity): Promise<Report> {
    const deadline = Date.now() + withinMs;
    const report: Report = { checkedAt: this.clock.now(), breaches: [], skipped: [], checked: {} };
    const down = await this.probe.down();
    const looks: FirstLook[] = [];
    for (const check of this.checks.all) {
      const missing = check.needs.filter((store) => down.has(store));
      if (missing.length > 0) this.skip(report, check, `${missing.join(' and ')} does not answer`);
      else looks.push({ check, suspects: await this.firstReading(check, scope, deadline, report) });
    }
    const suspected = looks.filter(({ suspects }) => suspects.length > 0);
    if (suspected.length > 0) await setTimeout(REREAD_AFTER_MS);
    for (const look of suspected) report.breaches.push(...(await this.secondReading(look, scope, report)));
    return report;
  }

  private async firstReading(check: Check, scope: Scope, deadline: number, report: Report): Promise<Finding[]> {
    const suspects: Finding[] = [];
    let looked = 0;
    try {
      for (let after: string | null = null; ;) {
        if (Date.now() > deadline) {
          this.skip(report, check, `no time was left after ${looked}: the command line takes as long as it needs`);
          break;
        }
        const page = await check.page(after, scope);
        if (page.keys.length > 0) suspects.push(...(await check.examine(page.keys, scope)));
        looked += page.looked ?? page.keys.length;
        if (page.next === null) break;
        if (suspects.length >= MOST_SUSPECTS) {
          this.skip(report, check, `${suspects.length} suspects among the first ${looked}: the rest was not looked at`);
          break;
        }
        after = page.next;
      }
    } catch (error) {
      this.failed(report, check, error);
    }
    report.checked[check.name] = looked;
    return suspects.slice(0, MOST_SUSPECTS);
  }

  private async secondReading({ check, suspects }: FirstLook, scope: Scope, report: Report): Promise<Breach[]> {
    try {
      const second = await check.examine([...new Set(suspects.map(({ key }) => key))], scope);
      return confirmed(suspects, second).map(toBreach);
    } catch (error) {
      this.failed(report, check, error);
      return [];
    }
  }

  private skip(report: Report, check: Check, because: string): void {
    report.skipped.push({ check: check.name, because });
  }

  /** A store that went away, or a check that is wrong itself: the others still look. */
  private failed(report: Report, check: Check, error: unknown): void {
    this.logger.warn(`the check of ${check.name} failed: ${String(error)}`);
    this.skip(report, check, `it failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
