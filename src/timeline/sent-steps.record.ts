import { createHash } from 'node:crypto';
import type { Step } from './step.types';

/** Keeps an event id well within the 8 kB that a header may have. Customers' orders have a quarter of that. */
const MOST_NAMED = 100;
const NAME_LENGTH = 6;
/** What was sent lately, and what came back from the client and was not met again. */
const FORM = /^([0-9a-z]{1,9})\.((?:[\w-]{6}){0,200})$/;

interface Named {
  name: string;
  at: number;
}

function nameOf(step: Step): string {
  return createHash('sha1').update(`${step.id} ${step.revision}`).digest('base64url').slice(0, NAME_LENGTH);
}

/**
 * Which steps a reader has. Three databases commit in no common order, so that "all after this one" would lose what
 * shows up late: the id of each sent event names all steps sent so far, and the next connection goes on from there
 * whichever server takes it. Beyond a hundred, what is older than the last hundred counts as sent.
 */
export class SentSteps {
  private readonly sent = new Set<string>();
  /** Came back from the client; the steps they name are not met yet. */
  private readonly unmet = new Set<string>();
  private readonly latest: Named[] = [];
  private skipsBefore = 0;
  private olderThan = 0;

  /** From a `Last-Event-ID`; one that is not ours is as none. */
  static from(lastEventId: string | undefined): SentSteps {
    const steps = new SentSteps();
    const [, time, names = ''] = FORM.exec(lastEventId ?? '') ?? [];
    if (time === undefined) return steps;
    steps.skipsBefore = parseInt(time, 36);
    steps.olderThan = steps.skipsBefore;
    for (let at = 0; at < names.length; at += NAME_LENGTH) steps.unmet.add(names.slice(at, at + NAME_LENGTH));
    return steps;
  }

  /** Nothing was sent yet, in this connection or one before. */
  get isEmpty(): boolean {
    return this.sent.size + this.unmet.size === 0;
  }

  /** False when it was sent before; else it counts as sent from now on. */
  add(step: Step): boolean {
    const at = step.at.getTime();
    const name = nameOf(step);
    const came = this.unmet.delete(name);
    if (!came && (this.sent.has(name) || at < this.skipsBefore)) return false;
    this.sent.add(name);
    this.place({ name, at });
    return !came;
  }

  /** The id of the event that was just sent. */
  toString(): string {
    const names = [...this.latest.map(({ name }) => name), ...this.unmet].slice(0, 2 * MOST_NAMED);
    return `${this.olderThan.toString(36)}.${names.join('')}`;
  }

  /** Steps come nearly in the order of time: looked for from the end. */
  private place(named: Named): void {
    const before = this.latest.findLastIndex(({ at }) => at <= named.at);
    this.latest.splice(before + 1, 0, named);
    if (this.latest.length <= MOST_NAMED) return;
    const left = this.latest.shift();
    if (left) this.olderThan = Math.max(this.olderThan, left.at + 1);
  }
}
