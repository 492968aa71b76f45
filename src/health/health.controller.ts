import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../http/access.decorators';
import { HealthService } from './health.service';

/** `live`: the process answers. `ready`: each dependency by name; 503 only when nothing can be served. */
@ApiTags('operations')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const readiness = await this.health.readiness();
    if (readiness.status === 'down') reply.header('Retry-After', '5');
    await reply.status(readiness.status === 'down' ? 503 : 200).send(readiness);
  }
}
