import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { pageByPage } from '../common/pagination';
import { AddressesRepository, type AddressRecord } from './addresses.repository';
import { userNotFound } from './users.errors';
import { UsersRepository, type UserRecord } from './users.repository';
import { UsersService } from './users.service';

export type { AddressRecord } from './addresses.repository';

/** What this room keeps of a person: who they are, and where they live. */
@Injectable()
export class PersonalAccountService {
  constructor(
    private readonly repository: UsersRepository,
    private readonly addressesRepository: AddressesRepository,
    private readonly users: UsersService,
  ) {}

  find(userId: string): Promise<UserRecord | null> {
    return this.repository.find(userId);
  }

  /** Newest first, page by page. */
  addresses(userId: string, pageSize: number): AsyncGenerator<AddressRecord> {
    return pageByPage((after, limit) => this.addressesRepository.list(userId, after, limit), pageSize);
  }

  /** Until `tx` ends nobody signs in to the account, nor changes it; 404 when there is none any more. */
  async lock(tx: EntityManager, userId: string): Promise<UserRecord> {
    await this.users.lock(tx, userId);
    const user = await this.users.findLocked(tx, userId);
    if (!user) throw userNotFound();
    return user;
  }

  /** The caller holds the user's lock. Again it changes nothing. */
  async erase(tx: EntityManager, userId: string): Promise<void> {
    this.addressesRepository.removeAll(tx, userId);
    await this.repository.erase(tx, userId);
  }

  /** The cached profile becomes the one that names nobody: a reader of before can not put the old one back. */
  async forgetCached(userId: string): Promise<void> {
    const erased = await this.repository.findErased(userId);
    if (erased) await this.users.remember(erased);
  }
}
