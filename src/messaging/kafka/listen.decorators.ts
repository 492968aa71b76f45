import { applyDecorators, Catch, Controller, UseFilters, type ExceptionFilter } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';
import { deadLetterTopic, TOPICS, type Topic } from '../../events/topics';
import type { ListenerGroup } from './listener-groups';

/** Nest masks what a handler throws as "Internal server error"; the listener needs the error itself to decide. */
@Catch()
class UnmaskedErrors implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** A class whose `@OnTopic` methods react to events. */
export function EventConsumer(): ClassDecorator {
  return applyDecorators(Controller(), UseFilters(UnmaskedErrors));
}

/** Runs for every event of `topic` that reaches `group`; the method switches on the event's type. */
export function OnTopic(topic: Topic, group: ListenerGroup): MethodDecorator {
  return EventPattern<string>(topic, group.transportId);
}

/** Runs for every dead letter that reaches `group`, a group of raw messages: they are in the handler's KafkaContext. */
export function OnDeadLetter(group: ListenerGroup): MethodDecorator {
  return EventPattern<string[]>(Object.values(TOPICS).map(deadLetterTopic), group.transportId);
}
