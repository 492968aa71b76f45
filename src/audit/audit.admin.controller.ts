import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { RequirePermission } from '../http/access.decorators';
import { linkNext } from '../http/link.header';
import { AuditService } from './audit.service';
import { AuditEntryDto, AuditLogDto, ListAuditLogQuery } from './dto/audit.dto';

@ApiTags('admin: operations')
@RequirePermission('audit:read')
@Controller('v1/admin/audit-log')
export class AuditAdminController {
  constructor(private readonly audit: AuditService) {}

  /**
   * Read the audit log
   * @remarks What staff did to the catalogue and its stock, newest first; to webhooks with `subjectType=webhook_endpoint`.
   */
  @Get()
  async list(@Query() query: ListAuditLogQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<AuditLogDto> {
    const { items, page } = await this.audit.list(ListAuditLogQuery.filter(query), query);
    linkNext(reply, page);
    return { items: items.map((item) => AuditEntryDto.of(item)), page };
  }
}
