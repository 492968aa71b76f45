import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { decodeCursor, toCursorPage, type CursorPage } from '../common/pagination';
import { inTransaction } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { AddressesRepository, type AddressFields, type AddressRecord } from './addresses.repository';
import { AddressDto } from './dto/address.dto';
import { accountErased, addressNotFound, defaultAddressRequired } from './users.errors';
import { UsersRepository } from './users.repository';

export type OwnAddress = AddressFields & { id: string };

/**
 * A user with addresses has exactly one default: at most one by a unique index, at least one by what is done here under
 * the lock of the user's row.
 */
@Injectable()
export class AddressesService {
  constructor(
    @InjectDataSource('users') private readonly source: DataSource,
    private readonly addresses: AddressesRepository,
    private readonly users: UsersRepository,
    private readonly idempotency: Idempotency,
  ) {}

  /** The user's own address, as it is copied into an order; 404 when it is someone else's. */
  async requireOwn(userId: string, addressId: string): Promise<OwnAddress> {
    const { id, street, city, state, zipCode, country } = await this.get(userId, addressId);
    return { id, street, city, state, zipCode, country };
  }

  async get(userId: string, addressId: string): Promise<AddressRecord> {
    const address = await this.addresses.find(userId, addressId);
    if (!address) throw addressNotFound();
    return address;
  }

  /** Newest first. */
  async list(userId: string, query: { cursor?: string; limit: number }): Promise<CursorPage<AddressRecord>> {
    const rows = await this.addresses.list(userId, decodeCursor(query.cursor), query.limit);
    return toCursorPage(rows, query.limit, (address) => ({ at: address.createdAt, id: address.id }));
  }

  create(
    userId: string,
    fields: AddressFields & { isDefault?: boolean },
    request: IdempotentRequest | null,
  ): Promise<Outcome<AddressDto>> {
    return inTransaction(this.source, (tx) =>
      this.idempotency.once(tx, request, async () => {
        await this.users.lock(tx, userId);
        const isDefault = fields.isDefault === true || !(await this.addresses.hasAny(tx, userId));
        if (isDefault) await this.addresses.clearDefault(tx, userId);
        const [address] = await this.addresses.insert(tx, { ...fields, id: uuidv7(), userId, isDefault });
        if (!address) throw accountErased();
        return AddressDto.of(address);
      }),
    );
  }

  /** The only address of a user who was made in the same `tx`, by an id that others know already. */
  async addFirst(tx: EntityManager, userId: string, address: OwnAddress): Promise<void> {
    await this.addresses.insert(tx, { ...address, userId, isDefault: true });
  }

  update(
    userId: string,
    id: string,
    { isDefault, ...changes }: Partial<AddressFields> & { isDefault?: boolean },
  ): Promise<AddressRecord> {
    return inTransaction(this.source, async (tx) => {
      await this.users.lock(tx, userId);
      const address = await this.addresses.update(tx, userId, id, changes);
      if (!address) throw addressNotFound();
      if (isDefault === undefined || isDefault === address.isDefault) return address;
      if (!isDefault) throw defaultAddressRequired();
      await this.addresses.clearDefault(tx, userId);
      await this.addresses.makeDefault(tx, userId, id);
      return { ...address, isDefault };
    });
  }

  /** Orders keep their own copy of the address they go to. */
  async remove(userId: string, id: string): Promise<void> {
    await inTransaction(this.source, async (tx) => {
      await this.users.lock(tx, userId);
      const removed = await this.addresses.remove(tx, userId, id);
      if (!removed) throw addressNotFound();
      if (removed.wasDefault) await this.addresses.makeOldestDefault(tx, userId);
    });
  }
}
