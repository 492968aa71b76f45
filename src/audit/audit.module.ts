import { Module } from '@nestjs/common';
import { AuditAdminController } from './audit.admin.controller';
import { AuditRepository } from './audit.repository';
import { AuditService } from './audit.service';

/** The trail of what staff did: table audit_log. */
@Module({
  controllers: [AuditAdminController],
  providers: [AuditRepository, AuditService],
  exports: [AuditService],
})
export class AuditModule {}
