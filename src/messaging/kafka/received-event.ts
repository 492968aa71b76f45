import { currentTrace } from '../../common/trace-context';
import type { DomainEvent } from '../../events/envelope';
import { readEvent } from '../../events/event.reader';

/**
 * Reads the event a listener was given (null: a type this version does not know, to be acknowledged) and names it as
 * the cause of whatever the handler emits.
 */
export function receive(message: unknown): DomainEvent | null {
  const event = readEvent(message);
  const trace = currentTrace();
  if (event && trace) trace.causationId = event.id;
  return event;
}
