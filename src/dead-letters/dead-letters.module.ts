import { Module } from '@nestjs/common';
import { makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { AuditModule } from '../audit/audit.module';
import { DeadLettersAdminController } from './dead-letters.admin.controller';
import { DeadLettersConsumer } from './dead-letters.consumer';
import { DeadLettersMetrics } from './dead-letters.metrics';
import { DeadLettersRepository } from './dead-letters.repository';
import { DeadLettersSender } from './dead-letters.sender';
import { DeadLettersService } from './dead-letters.service';
import { RedrivesRepository } from './redrives.repository';

@Module({
  imports: [AuditModule],
  controllers: [DeadLettersAdminController, DeadLettersConsumer],
  providers: [
    DeadLettersRepository,
    RedrivesRepository,
    DeadLettersSender,
    DeadLettersService,
    DeadLettersMetrics,
    makeGaugeProvider({
      name: 'dead_letters_open',
      help: 'Dead letters that nobody has decided about',
      labelNames: ['topic'],
    }),
  ],
  exports: [DeadLettersService, DeadLettersSender, DeadLettersMetrics],
})
export class DeadLettersModule {}
