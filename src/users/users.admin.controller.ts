import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { RequirePermission } from '../http/access.decorators';
import { linkNext } from '../http/link.header';
import { CursorQuery } from '../common/pagination.dto';
import { ProfileDto, ProfileListDto } from './dto/user.dto';
import { UsersService } from './users.service';

@ApiTags('admin: users')
@RequirePermission('customers:read')
@Controller('v1/admin/users')
export class UsersAdminController {
  constructor(private readonly users: UsersService) {}

  /**
   * List all users
   * @remarks Newest first.
   */
  @Get()
  async list(@Query() query: CursorQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<ProfileListDto> {
    const { items, page } = await this.users.list(query);
    linkNext(reply, page);
    return { items: items.map((user) => ProfileDto.of(user)), page };
  }
}
