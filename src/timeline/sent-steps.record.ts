import { createHash } from 'node:crypto';
import type { Step } from './step.types';

/** Keeps an event id well within the 8 kB that a header may have. Customers' orders have a quarter of that. */
const MOST_NAMED = 100;
const NAME_LENGTH = 6;
const FORM = /^([0-9a-z]{1,9})\.((?:[\w-]{6}){0,100})$/;

function nameOf(step: Step): string {
  return createHash('sha1').update(`${step.id} ${step.revision}`).digest('base64url').slice(0, NAME_LENGTH);
}

/**
 * Which steps a reader has. Three databases commit in no common order, so that "all after this one" would lose what
 * shows up late: the id of each sent event names all steps sent so far, and the next connection goes on from there
 * whichever server takes it. Beyond a hundred, what is older than the last hundred counts as sent.
 */
export class SentSteps {
  /** Name to time; a name that came back from the client gets its time when its step is met. */
  private readonly names = new Map<string, number>();
  private olderThan = 0;

  /** From a `Last-Event-ID`; one that is not ours is as none. */
  static from(lastEventId: string | undefined): SentSteps {
    const sent = new SentSteps();
    const [, time, names = ''] = FORM.exec(lastEventId ?? '') ?? [];
    if (time === undefined) return sent;
    sent.olderThan = parseInt(time, 36);
    for (let at = 0; at < names.length; at += NAME_LENGTH) sent.names.set(names.slice(at, at + NAME_LENGTH), Infinity);
    return sent;
  }

  get isEmpty(): boolean {
    return this.names.size === 0;
  }

  /** False when it was sent before; else it counts as sent from now on. */
  add(step: Step): boolean {
    const at = step.at.getTime();
    const name = nameOf(step);
    const known = this.names.has(name);
    if (!known && at < this.olderThan) return false;
    this.names.set(name, at);
    return !known;
  }

  /** The id of the event that was just sent. */
  toString(): string {
    const newestFirst = [...this.names].sort(([, a], [, b]) => b - a);
    const left = newestFirst[MOST_NAMED];
    const olderThan = left ? Math.max(this.olderThan, left[1] + 1) : this.olderThan;
    const named = newestFirst.slice(0, MOST_NAMED).map(([name]) => name);
    return `${olderThan.toString(36)}.${named.join('')}`;
  }
}
