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
import { Problems } from '../http/problems.decorator';
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

  /**
   * List categories for editing
   * @remarks All of them, by name; `parentId` makes them a tree.
   */
  @Get()
  @RequirePermission('catalogue:read')
  async list(): Promise<EditedCategoriesDto> {
    const categories = await this.categories.all();
    return { items: categories.map((category) => EditedCategoryDto.of(category)) };
  }

  /**
   * Read a category for editing
   * @remarks Its ETag is the row's version.
   */
  @Get(':id')
  @Problems('category.not_found')
  @RequirePermission('catalogue:read')
  async get(@UuidParam('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<EditedCategoryDto> {
    return answer(reply, await this.categories.get(id));
  }

  /**
   * Add a category
   * @remarks Below another or as a root.
   */
  @Post()
  @ApiIdempotencyKey(false)
  @Problems('category.not_found', 'category.too_deep', 'slug_taken')
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

  /**
   * Change a category
   * @remarks Renames it, or moves it with all below it; never below itself.
   */
  @Patch(':id')
  @ApiIfMatch(true)
  @Problems('category.not_found', 'category.cycle', 'category.too_deep', 'slug_taken')
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

  /**
   * Remove a category
   * @remarks Only an empty one: 409 while categories or products, those off sale included, are in it.
   */
  @Delete(':id')
  @HttpCode(204)
  @ApiIfMatch(false)
  @Problems('category.not_found', 'category.not_empty')
  async remove(
    @UuidParam('id') id: string,
    @OptionalIfMatch() match: MatchedVersions,
    @CurrentUser() user: SignedInUser,
  ): Promise<void> {
    await this.categories.remove(id, match, user.userId);
  }
}
