import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { buildAsyncApi } from '../events/asyncapi.document';
import { Public } from './access.decorators';
import { eventsPage } from './events.view';
import { PAGE_HEADERS } from './problems.view';

@ApiTags('operations')
@Public()
@Controller()
export class EventsController {
  private readonly document = buildAsyncApi();
  private readonly page = eventsPage(this.document);

  /**
   * Every event of the shop
   * @remarks What is on each topic of Kafka: a page for browsers, the AsyncAPI 3 document for everyone else.
   */
  @Get('docs/events')
  @ApiOkResponse({
    description: 'All events',
    content: {
      'application/json': { schema: { type: 'object', additionalProperties: true } },
      'text/html': { schema: { type: 'string' } },
    },
  })
  read(@Headers('accept') accept: string | undefined, @Res() reply: FastifyReply): void {
    void reply.header('Vary', 'Accept').header('Cache-Control', 'public, max-age=300');
    if (accept?.includes('text/html')) void reply.headers(PAGE_HEADERS).send(this.page);
    else void reply.send(this.document);
  }
}
