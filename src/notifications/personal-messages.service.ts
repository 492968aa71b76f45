import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { pageByPage } from '../common/pagination';
import { PersonalMessagesRepository, type KeptMessage } from './personal-messages.repository';

export type { KeptMessage } from './personal-messages.repository';

/** What this room keeps of a person: what they were told. */
@Injectable()
export class PersonalMessagesService {
  constructor(private readonly messages: PersonalMessagesRepository) {}

  /** Newest first, page by page. */
  kept(userId: string, pageSize: number): AsyncGenerator<KeptMessage> {
    return pageByPage((after, limit) => this.messages.list(userId, after, limit), pageSize);
  }

  /** What waits to be sent is dropped by the sender, who finds nobody to send it to. */
  erase(tx: EntityManager, userId: string): void {
    this.messages.erase(tx, userId);
  }
}
