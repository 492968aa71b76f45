import { Module } from '@nestjs/common';
import { AuditAdminController } from './audit.admin.controller';
import { AuditChainService } from './audit-chain.service';
import { AuditSealsRepository } from './audit-seals.repository';
import { AuditReadingService } from './audit-reading.service';
import { AuditRepository } from './audit.repository';
import { AuditService } from './audit.service';

/** The trail of what staff did: tables audit_log, audit_seals, audit_unsealed. */
@Module({
  controllers: [AuditAdminController],
  providers: [AuditRepository, AuditService, AuditReadingService, AuditSealsRepository, AuditChainService],
  exports: [AuditService, AuditReadingService, AuditChainService],
})
export class AuditModule {}
