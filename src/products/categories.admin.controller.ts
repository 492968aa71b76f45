import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  OptionalIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
import {
  ApiIfMatch,
  OptionalIfMatch,
  RequiredIfMatch,
  tellVersion,
  type MatchedVersions,
} from '../http/if-match.header';
import { UuidParam } from '../http/uuid.param';
import { CategoryEditingService, type EditedCategory } from './category-editing.service';
import { EditCategoryDto, EditedCategoriesDto, EditedCategoryDto, NewCategoryDto } from './dto/category-editing.dto';

function answer(reply: FastifyReply, category: EditedCategory): EditedCategoryDto {
  tellVersion(reply, category.version);
  return EditedCategoryDto.of(category);
}

@ApiTags('admin: catalogue')
@RequirePermission('catalogue:write')
@Controller('v1/admin/categories')
export class CategoriesAdminController {
  constructor(private readonly categories: CategoryEditingService) {}

  /** All categories, by name; `parentId` makes them a tree. */
  @Get()
  @RequirePermission('catalogue:read')
  async list(): Promise<EditedCategoriesDto> {
    const categories = await this.categories.all();
    return { items: categories.map((category) => EditedCategoryDto.of(category)) };
  }

  /** One category; its ETag is the row's version. */
  @Get(':id')
  @RequirePermission('catalogue:read')
  async get(@UuidParam('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<EditedCategoryDto> {
    return answer(reply, await this.categories.get(id));
  }

  /** A new category, below another or as a root. */
  @Post()
  @ApiIdempotencyKey(false)
  async create(
    @Body() body: NewCategoryDto,
    @CurrentUser() user: SignedInUser,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EditedCategoryDto> {
    const { name, parentId, slug } = body;
    const entry = { name, parentId: parentId?.toLowerCase() ?? null, slug: slug ?? null };
    return answer(reply, tellReplayed(reply, await this.categories.create(entry, user.userId, key)));
  }

  /** Renames it, or moves it with all below it; never below itself. */
  @Patch(':id')
  @ApiIfMatch(true)
  async edit(
    @UuidParam('id') id: string,
    @RequiredIfMatch() match: MatchedVersions,
    @Body() { name, parentId, slug }: EditCategoryDto,
    @CurrentUser() user: SignedInUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EditedCategoryDto> {
    const place = typeof parentId === 'string' ? parentId.toLowerCase() : parentId;
    return answer(reply, await this.categories.edit(id, { name, slug, parentId: place }, match, user.userId));
  }

  /** Only an empty one: 409 while categories or products, those off sale included, are in it. */
  @Delete(':id')
  @HttpCode(204)
  @ApiIfMatch(false)
  async remove(
    @UuidParam('id') id: string,
    @OptionalIfMatch() match: MatchedVersions,
    @CurrentUser() user: SignedInUser,
  ): Promise<void> {
    await this.categories.remove(id, match, user.userId);
  }
}
