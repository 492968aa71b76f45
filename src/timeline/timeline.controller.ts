import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Problems } from '../http/problems.decorator';
import { Unhurried } from '../http/request-timeout';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { UuidParam } from '../http/uuid.param';
import { TimelineDto } from './dto/timeline.dto';
import { OrderStreamService } from './order-stream.service';
import { OrderTimelineService } from './order-timeline.service';

const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // For proxies that were not told of this route.
  'X-Accel-Buffering': 'no',
  // Once the stream has ended the connection is of no use to the next request, and would hold up a server that closes.
  Connection: 'close',
} as const;

@ApiTags('orders')
@RequirePermission('own:orders')
@Controller('v1/orders')
export class TimelineController {
  constructor(
    private readonly timelines: OrderTimelineService,
    private readonly streams: OrderStreamService,
  ) {}

  /**
   * Read what happened to an order
   * @remarks Its events for the customer; for staff every request, try, failure and delivery.
   */
  @Get(':id/timeline')
  @Problems('order.not_found')
  async timeline(@CurrentUser() user: SignedInUser, @UuidParam('id') id: string): Promise<TimelineDto> {
    const { steps, incomplete } = await this.timelines.of(id, user);
    return TimelineDto.of(steps, incomplete);
  }

  /**
   * Watch an order
   * @remarks The steps of the timeline as server-sent events: those so far, then each as it happens. `event` is the
   * step's type, `data` an item of the timeline. Ends when the order has come to its end; else the client comes back
   * with `Last-Event-ID`.
   */
  @Get(':id/stream')
  @Unhurried()
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Goes on after this event, nothing lost or twice.',
  })
  @ApiOkResponse({ description: 'Steps', content: { 'text/event-stream': { schema: { type: 'string' } } } })
  @ApiNoContentResponse({ description: 'All was sent before, and nothing more is to come.' })
  @Problems('order.not_found', 'stream.too_many')
  async stream(
    @CurrentUser() user: SignedInUser,
    @UuidParam('id') id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const stream = await this.streams.follow(id, user, lastEventId);
    // The same handler answers HEAD: nobody would read the stream, nor end it.
    const isHead = reply.request.method === 'HEAD';
    if (isHead) stream?.destroy();
    if (stream) void reply.headers(STREAM_HEADERS).send(isHead ? undefined : stream);
    else void reply.status(204).send();
  }
}
