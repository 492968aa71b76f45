import { Module } from '@nestjs/common';
import { DependencyMetrics } from './dependency.metrics';
import { HealthController } from './health.controller';
import { HealthService } from './health.service';

@Module({
  controllers: [HealthController],
  providers: [HealthService, DependencyMetrics],
  exports: [HealthService],
})
export class HealthModule {}
