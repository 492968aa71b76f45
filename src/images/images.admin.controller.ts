import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { inBody, ValidationError } from '../common/app-error';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  OptionalIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
import { Problems } from '../http/problems.decorator';
import { readFile, TakesFile } from '../http/uploads';
import { UuidParam } from '../http/uuid.param';
import { Settings } from '../settings/settings';
import { DescribeImageDto, ImageDto, ImagesDto, ReorderImagesDto } from './dto/image.dto';
import { ImagesService } from './images.service';

/** A form's fields are checked as a body's. */
function altOf(fields: Readonly<Record<string, string>>): string {
  const described = plainToInstance(DescribeImageDto, { alt: fields['alt'] ?? '' });
  if (validateSync(described).length > 0) {
    throw new ValidationError([inBody('alt', 'must be one line of 255 characters at most')]);
  }
  return described.alt;
}

@ApiTags('admin: catalogue')
@RequirePermission('catalogue:write')
@Controller('v1/admin/products/:id/images')
export class ImagesAdminController {
  constructor(
    private readonly images: ImagesService,
    private readonly settings: Settings,
  ) {}

  /**
   * List the images of a product
   * @remarks In their order.
   */
  @Get()
  @Problems('product.not_found')
  @RequirePermission('catalogue:read')
  async list(@UuidParam('id') id: string): Promise<ImagesDto> {
    return { items: (await this.images.of(id)).map((image) => ImageDto.of(image)) };
  }

  /**
   * Add an image
   * @remarks A JPEG, PNG or WebP, at the end. It is known by its content, and kept as WebP in up to three widths.
   */
  @Post()
  @ApiIdempotencyKey(false)
  @TakesFile(
    { alt: { description: 'What it shows', maxLength: 255, pattern: String.raw`^\P{Cc}*$` } },
    'multipart/form-data',
  )
  @Problems(
    'product.not_found',
    'image.type',
    'image.broken',
    'image.too_large',
    'image.too_many',
    'body_too_large',
    'unsupported_media_type',
  )
  async add(
    @UuidParam('id') id: string,
    @Req() request: FastifyRequest,
    @CurrentUser() user: SignedInUser,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImageDto> {
    const { bytes, fields } = await readFile(request, this.settings.imageMaxBytes, ['alt']);
    const added = await this.images.add(id, { bytes, alt: altOf(fields) }, user.userId, key);
    return ImageDto.of(tellReplayed(reply, added));
  }

  /**
   * Order the images
   * @remarks The first of them becomes the product's `imageUrl`.
   */
  @Put('order')
  @Problems('product.not_found', 'image.others')
  async reorder(
    @UuidParam('id') id: string,
    @Body() { ids }: ReorderImagesDto,
    @CurrentUser() user: SignedInUser,
  ): Promise<ImagesDto> {
    const ordered = await this.images.reorder(
      id,
      ids.map((image) => image.toLowerCase()),
      user.userId,
    );
    return { items: ordered.map((image) => ImageDto.of(image)) };
  }

  /**
   * Describe an image
   * @remarks Its `alt`, for who cannot see it.
   */
  @Patch(':imageId')
  @Problems('product.not_found', 'image.not_found')
  async describe(
    @UuidParam('id') id: string,
    @UuidParam('imageId') imageId: string,
    @Body() { alt }: DescribeImageDto,
    @CurrentUser() user: SignedInUser,
  ): Promise<ImageDto> {
    return ImageDto.of(await this.images.describe(id, imageId, alt, user.userId));
  }

  /**
   * Remove an image
   * @remarks The others move up; its files are swept away later.
   */
  @Delete(':imageId')
  @HttpCode(204)
  @Problems('product.not_found', 'image.not_found')
  async remove(
    @UuidParam('id') id: string,
    @UuidParam('imageId') imageId: string,
    @CurrentUser() user: SignedInUser,
  ): Promise<void> {
    await this.images.remove(id, imageId, user.userId);
  }
}
