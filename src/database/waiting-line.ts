import { Semaphore, withTimeout, type SemaphoreInterface } from 'async-mutex';
import type { DataSource } from 'typeorm';
import { UnavailableError } from '../common/app-error';

/** Nginx waits 30 s for an answer: who has not had a turn by then is told to come again. */
const TURN_WITHIN_MS = 25_000;
/** What pg takes when nobody says how many. */
const DEFAULT_POOL_SIZE = 10;

interface Line {
  places: Semaphore;
  patient: SemaphoreInterface;
}

const lines = new WeakMap<DataSource, Line>();

/**
 * Runs `work` when a connection of the pool is free. pg's own limit (2 s) is for making a connection, but counts the
 * wait for a free one as well: five hundred customers after the same product would be told that the database is down.
 * Throws UnavailableError when the turn does not come in time.
 */
export function inTurn<T>(source: DataSource, work: () => Promise<T>): Promise<T> {
  let line = lines.get(source);
  if (!line) {
    const places = new Semaphore(source.options.poolSize ?? DEFAULT_POOL_SIZE);
    line = { places, patient: withTimeout(places, TURN_WITHIN_MS, new UnavailableError('The database')) };
    lines.set(source, line);
  }
  // Where a place is free there is nothing to wait for, nor a timer to set.
  return (line.places.isLocked() ? line.patient : line.places).runExclusive(work);
}
