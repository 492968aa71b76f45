import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PersonalMessagesRepository, type KeptMessage } from './personal-messages.repository';

export type { KeptMessage } from './personal-messages.repository';

/** What this room keeps of a person: what they were told. */
@Injectable()
export class PersonalMessagesService {
  constructor(private readonly messages: PersonalMessagesRepository) {}

  /** Newest first, page by page. */
  async *kept(userId: string, pageSize: number): AsyncGenerator<KeptMessage> {
    for (let after: { at: Date; id: string } | null = null; ;) {
      const page: KeptMessage[] = await this.messages.list(userId, after, pageSize);
      yield* page;
      const last = page.at(-1);
      if (page.length < pageSize || !last) return;
      after = { at: last.createdAt, id: last.id };
    }
  }

  /** What waits to be sent is dropped by the sender, who finds nobody to send it to. */
  erase(tx: EntityManager, userId: string): void {
    this.messages.erase(tx, userId);
  }
}
