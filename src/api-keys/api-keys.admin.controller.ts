import { Body, Controller, Delete, Get, Header, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CursorQuery } from '../common/pagination.dto';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { linkNext } from '../http/link.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { ApiKeysService } from './api-keys.service';
import { ApiKeyDto, ApiKeyListDto, ApiKeyWithSecretDto, NewApiKeyDto } from './dto/api-key.dto';

@ApiTags('admin: API keys')
@RequirePermission('api-keys:write')
@Controller('v1/admin/api-keys')
export class ApiKeysAdminController {
  constructor(private readonly keys: ApiKeysService) {}

  /**
   * List API keys
   * @remarks Newest first, with those that ended; none tells its secret.
   */
  @Get()
  @RequirePermission('api-keys:read')
  async list(@Query() query: CursorQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<ApiKeyListDto> {
    const { items, page } = await this.keys.list(query);
    linkNext(reply, page);
    return { items: items.map((item) => ApiKeyDto.of(item)), page };
  }

  /**
   * Make an API key
   * @remarks For an integration, with the permissions it needs. The key is in this answer alone; it takes no Idempotency-Key, which would keep it.
   */
  @Post()
  @Header('Cache-Control', 'no-store')
  async create(@Body() body: NewApiKeyDto, @CurrentUser() user: SignedInUser): Promise<ApiKeyWithSecretDto> {
    const { record, key } = await this.keys.create(NewApiKeyDto.wanted(body), user.userId);
    return ApiKeyWithSecretDto.withKey(record, key);
  }

  /**
   * Revoke an API key
   * @remarks It is refused from the next request on, on every server.
   */
  @Delete(':id')
  @HttpCode(204)
  @Problems('api_key.not_found')
  revoke(@UuidParam('id') id: string, @CurrentUser() user: SignedInUser): Promise<void> {
    return this.keys.revoke(id, user.userId);
  }
}
