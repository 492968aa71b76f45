import { Ctx, KafkaContext } from '@nestjs/microservices';
import { EventConsumer, OnDeadLetter } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { readDeadLetter } from './dead-letter.reader';
import { DeadLettersService } from './dead-letters.service';

/** Brings what other groups gave up before people. */
@EventConsumer()
export class DeadLettersConsumer {
  constructor(private readonly letters: DeadLettersService) {}

  @OnDeadLetter(GROUPS.deadLetters)
  async onDeadLetter(@Ctx() context: KafkaContext): Promise<void> {
    await this.letters.receive(readDeadLetter(context.getTopic(), context.getPartition(), context.getMessage()));
  }
}
