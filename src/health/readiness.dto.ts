import { ApiProperty } from '@nestjs/swagger';
import type { DependencyState, Readiness } from './health.service';

export class LivenessDto {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

export class ReadinessDto implements Readiness {
  @ApiProperty({ enum: ['ok', 'degraded', 'down'] })
  status: Readiness['status'];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', enum: ['up', 'down'] },
    examples: [{ 'postgres-users': 'up', redis: 'up', kafka: 'down' }],
    description: 'Each store and part by its name.',
  })
  dependencies: Record<string, DependencyState>;
}
