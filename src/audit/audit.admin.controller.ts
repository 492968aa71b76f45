import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { RequirePermission } from '../http/access.decorators';
import { linkNext } from '../http/link.header';
import { AuditChainService } from './audit-chain.service';
import { AuditReadingService } from './audit-reading.service';
import { AuditChainsDto } from './dto/audit-chain.dto';
import { AuditEntryDto, AuditLogDto, ListAuditLogQuery } from './dto/audit.dto';

@ApiTags('admin: operations')
@RequirePermission('audit:read')
@Controller('v1/admin/audit-log')
export class AuditAdminController {
  constructor(
    private readonly audit: AuditReadingService,
    private readonly chain: AuditChainService,
  ) {}

  /**
   * Read the audit log
   * @remarks What staff did, newest first: to the catalogue and its stock; to orders, payments, webhooks and dead letters, or to API keys, with their `subjectType`.
   */
  @Get()
  async list(@Query() query: ListAuditLogQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<AuditLogDto> {
    const { items, page } = await this.audit.list(ListAuditLogQuery.filter(query), query);
    linkNext(reply, page);
    return { items: items.map((item) => AuditEntryDto.of(item)), page };
  }

  /**
   * Verify the audit log
   * @remarks Recomputes the hash chain of each database from its beginning, and names the entries that are not as they were written.
   */
  @Get('verify')
  async verify(): Promise<AuditChainsDto> {
    return AuditChainsDto.of(await this.chain.verify());
  }
}
