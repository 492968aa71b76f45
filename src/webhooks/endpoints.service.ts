import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { AuditService, changedFields } from '../audit/audit.service';
import { decodeCursor, toCursorPage, type CursorPage } from '../common/pagination';
import { inTransaction } from '../database/sql';
import { requireMatch, type MatchedVersions } from '../http/if-match.header';
import { AddressPolicy } from './address.policy';
import { EndpointSecretsService } from './endpoint-secrets.service';
import { EndpointsRepository } from './endpoints.repository';
import type { DisabledReason, EndpointChange, EndpointRecord } from './webhooks.types';
import { webhookNotFound, webhookUrlRefused } from './webhooks.errors';

/**
 * A listener may believe for two seconds that nobody listens (FanOutService); what happens later than this after an
 * endpoint was made or enabled is surely seen by it, and nothing before is promised to it.
 */
export const LISTENS_AFTER_SECONDS = 5;

/** The former secret signs as well for so long. */
const FORMER_SECRET_HOURS = 24;

export interface WithSecret {
  endpoint: EndpointRecord;
  /** Never shown again. */
  secret: string;
}

/** Why the shop gives up on an endpoint, for the trail; what the endpoint keeps of it; and for the log. */
const GIVEN_UP = {
  gone: { stored: 'gone', why: 'it answered 410' },
  failing: { stored: 'failing', why: 'nothing has arrived there for three days' },
  overwhelmed: { stored: 'failing', why: 'it takes less than is sent to it: what waits has been due for three days' },
} as const satisfies Record<string, { stored: DisabledReason; why: string }>;

const HASH_DIGITS = 8;

/**
 * Paths and queries often hold a secret, and the trail is kept for ever: of them it keeps the beginning of a hash, which
 * shows that they changed.
 */
function toldUrl(url: string): string {
  return `${new URL(url).origin}/…${createHash('sha256').update(url).digest('hex').slice(0, HASH_DIGITS)}`;
}

/** What the trail keeps of an endpoint; never a secret. */
function told({ url, description, eventTypes, disabledAt }: EndpointRecord) {
  return { url: toldUrl(url), description, eventTypes, enabled: disabledAt === null };
}

/** Who outside is told of events: staff say where, and of what. */
@Injectable()
export class EndpointsService {
  private readonly logger = new Logger(EndpointsService.name);

  constructor(
    @InjectDataSource('orders') private readonly database: DataSource,
    private readonly endpoints: EndpointsRepository,
    private readonly secrets: EndpointSecretsService,
    private readonly addresses: AddressPolicy,
    private readonly audit: AuditService,
  ) {}

  /** Newest first. */
  async list(page: { cursor?: string; limit: number }): Promise<CursorPage<EndpointRecord>> {
    const rows = await this.endpoints.list(this.database, decodeCursor(page.cursor), page.limit + 1);
    return toCursorPage(rows, page.limit, ({ createdAt: at, id }) => ({ at, id }));
  }

  async get(id: string): Promise<EndpointRecord> {
    const endpoint = await this.endpoints.find(this.database, id);
    if (!endpoint) throw webhookNotFound();
    return endpoint;
  }

  async create(
    wanted: Pick<EndpointRecord, 'url' | 'description' | 'eventTypes'>,
    actorId: string,
  ): Promise<WithSecret> {
    await this.requirePublic(wanted.url);
    const id = uuidv7();
    const { shown, kept } = this.secrets.create(id);
    return inTransaction(this.database, async (tx) => {
      await this.endpoints.insert(tx, { ...wanted, id, secret: kept }, LISTENS_AFTER_SECONDS);
      const endpoint = await this.stored(tx, id);
      await this.record(tx, actorId, 'webhook.created', id, null, told(endpoint));
      return { endpoint, secret: shown };
    });
  }

  async edit(id: string, change: EndpointChange, match: MatchedVersions, actorId: string): Promise<EndpointRecord> {
    if (change.url !== undefined) await this.requirePublic(change.url);
    return inTransaction(this.database, async (tx) => {
      const before = await this.locked(tx, id, match);
      const { url = before.url, description = before.description, eventTypes = before.eventTypes } = change;
      if (changedFields({ ...before }, { url, description, eventTypes })) {
        await this.endpoints.edit(tx, { id, url, description, eventTypes });
      }
      if (change.enabled === false) await this.endpoints.disable(tx, id, 'staff');
      else if (change.enabled === true && before.disabledAt !== null) {
        await this.endpoints.enable(tx, id, LISTENS_AFTER_SECONDS);
      }
      const after = await this.stored(tx, id);
      const changed = changedFields(told(before), told(after));
      if (changed) await this.record(tx, actorId, 'webhook.updated', id, changed.before, changed.after);
      return after;
    });
  }

  /** Sends nothing from now on; its deliveries go with the next sweeps. */
  async remove(id: string, match: MatchedVersions, actorId: string): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      const before = await this.locked(tx, id, match);
      await this.endpoints.disable(tx, id, 'deleted');
      await this.record(tx, actorId, 'webhook.deleted', id, told(before), null);
    });
  }

  /** A new secret; for a day what is sent is signed with both. */
  async rotateSecret(id: string, actorId: string): Promise<WithSecret> {
    return inTransaction(this.database, async (tx) => {
      await this.locked(tx, id, { versions: null });
      const { shown, kept } = this.secrets.create(id);
      this.endpoints.rotateSecret(tx, id, kept, FORMER_SECRET_HOURS);
      const endpoint = await this.stored(tx, id);
      await this.record(tx, actorId, 'webhook.secret_rotated', id, null, null);
      return { endpoint, secret: shown };
    });
  }

  /** The shop itself does so: the receiver is gone, has failed for days, or has not kept up for days. */
  async giveUp(id: string, reason: keyof typeof GIVEN_UP): Promise<void> {
    const { stored, why } = GIVEN_UP[reason];
    const done = await inTransaction(this.database, async (tx) => {
      if (!(await this.endpoints.disable(tx, id, stored))) return false;
      await this.record(tx, null, 'webhook.disabled', id, { enabled: true }, { enabled: false, reason });
      return true;
    });
    if (done) this.logger.error(`webhook ${id} is disabled: ${why}; an admin may enable it again`);
  }

  private async requirePublic(url: string): Promise<void> {
    const fault = await this.addresses.faultNow(url);
    if (fault !== null) throw webhookUrlRefused(fault);
  }

  private async locked(tx: EntityManager, id: string, match: MatchedVersions): Promise<EndpointRecord> {
    const endpoint = await this.endpoints.lock(tx, id);
    if (!endpoint) throw webhookNotFound();
    requireMatch(match, endpoint.version);
    return endpoint;
  }

  private async stored(tx: EntityManager, id: string): Promise<EndpointRecord> {
    const endpoint = await this.endpoints.find(tx, id);
    if (!endpoint) throw webhookNotFound();
    return endpoint;
  }

  private async record(
    tx: EntityManager,
    actorId: string | null,
    action: string,
    subjectId: string,
    before: object | null,
    after: object | null,
  ): Promise<void> {
    await this.audit.record(tx, actorId, [{ action, subjectType: 'webhook_endpoint', subjectId, before, after }]);
  }
}
