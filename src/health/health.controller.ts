import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../http/access.decorators';
import { HealthService } from './health.service';
import { LivenessDto, ReadinessDto } from './readiness.dto';

/** `live`: the process answers. `ready`: each dependency by name; 503 only when nothing can be served. */
@ApiTags('operations')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /**
   * Whether the process answers
   * @remarks Asks nothing of anyone else.
   */
  @Get('live')
  live(): LivenessDto {
    return { status: 'ok' };
  }

  /**
   * Whether the shop can serve
   * @remarks Each dependency by its name. `degraded` is served with what works; 503 only when nothing can be.
   */
  @Get('ready')
  @ApiOkResponse({ type: ReadinessDto })
  @ApiServiceUnavailableResponse({ type: ReadinessDto, description: 'Nothing can be served.' })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const readiness = await this.health.readiness();
    if (readiness.status === 'down') reply.header('Retry-After', '5');
    await reply.status(readiness.status === 'down' ? 503 : 200).send(readiness);
  }
}
