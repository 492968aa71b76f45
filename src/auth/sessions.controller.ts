import { Controller, Delete, Get, HttpCode, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CursorQuery } from '../common/pagination.dto';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { linkNext } from '../http/link.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { SessionDto, SessionListDto } from './dto/session.dto';
import { SessionsService } from './sessions.service';

@ApiTags('auth')
@RequirePermission('own:account')
@Controller('v1/auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /**
   * List sessions
   * @remarks Where the user is signed in, newest first.
   */
  @Get()
  async list(
    @CurrentUser() user: SignedInUser,
    @Query() query: CursorQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionListDto> {
    const { items, page } = await this.sessions.list(user.userId, query);
    linkNext(reply, page);
    return { items: items.map((session) => SessionDto.of(session, user.sessionId)), page };
  }

  /**
   * End a session
   * @remarks Signs out there, at once and on every server.
   */
  @Delete(':id')
  @HttpCode(204)
  @Problems('auth.session_not_found')
  end(@CurrentUser() user: SignedInUser, @UuidParam('id') id: string): Promise<void> {
    return this.sessions.endOwn(user.userId, id);
  }
}
