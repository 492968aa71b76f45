import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  OptionalIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
import { linkNext } from '../http/link.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { DeadLettersService } from './dead-letters.service';
import {
  DeadLetterDto,
  DeadLetterListDto,
  DeadLetterSummaryDto,
  DiscardDeadLetterDto,
  ListDeadLettersQuery,
} from './dto/dead-letter.dto';

@ApiTags('admin: operations')
@RequirePermission('operations:read')
@Controller('v1/admin/dead-letters')
export class DeadLettersAdminController {
  constructor(private readonly letters: DeadLettersService) {}

  /**
   * List dead letters
   * @remarks Events that a listener group gave up, newest first.
   */
  @Get()
  async list(
    @Query() query: ListDeadLettersQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeadLetterListDto> {
    const { items, page } = await this.letters.list(query, query);
    linkNext(reply, page);
    return { items: items.map((letter) => DeadLetterSummaryDto.of(letter)), page };
  }

  /**
   * Read a dead letter
   * @remarks With the message as it was and why it failed.
   */
  @Get(':id')
  @Problems('dead_letter.not_found')
  async get(@UuidParam('id') id: string): Promise<DeadLetterDto> {
    return DeadLetterDto.of(await this.letters.get(id));
  }

  /**
   * Send a dead letter again
   * @remarks To the group that gave it up. Asked again it is not sent once more.
   */
  @Post(':id/redrive')
  @RequirePermission('operations:write')
  @HttpCode(202)
  @ApiIdempotencyKey(false)
  @Problems('dead_letter.not_found', 'dead_letter.cannot_be_redriving')
  async redrive(
    @UuidParam('id') id: string,
    @CurrentUser() user: SignedInUser,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeadLetterDto> {
    return tellReplayed(reply, await this.letters.redrive(id, user.userId, key));
  }

  /**
   * Discard a dead letter
   * @remarks Nobody will act upon it any more, for this reason.
   */
  @Post(':id/discard')
  @RequirePermission('operations:write')
  @HttpCode(200)
  @ApiIdempotencyKey(false)
  @Problems('dead_letter.not_found', 'dead_letter.cannot_be_discarded')
  async discard(
    @UuidParam('id') id: string,
    @Body() body: DiscardDeadLetterDto,
    @CurrentUser() user: SignedInUser,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeadLetterDto> {
    return tellReplayed(reply, await this.letters.discard(id, user.userId, body.reason, key));
  }
}
