import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { inBody, ValidationError } from '../common/app-error';
import { AllowRoles, CurrentUser, type SignedInUser } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  OptionalIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
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
@AllowRoles('admin', 'support')
@Controller('v1/admin/products/:id/images')
export class ImagesAdminController {
  constructor(
    private readonly images: ImagesService,
    private readonly settings: Settings,
  ) {}

  /** In their order. */
  @Get()
  async list(@UuidParam('id') id: string): Promise<ImagesDto> {
    return { items: (await this.images.of(id)).map((image) => ImageDto.of(image)) };
  }

  /** Adds a JPEG, PNG or WebP at the end. It is known by its content, and kept as WebP in up to three widths. */
  @Post()
  @ApiIdempotencyKey(false)
  @TakesFile({ alt: { description: 'What it shows' } }, 'multipart/form-data')
  async add(
    @UuidParam('id') id: string,
    @Req() request: FastifyRequest,
    @CurrentUser() user: SignedInUser,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImageDto> {
    const { bytes, fields } = await readFile(request, this.settings.imageMaxBytes);
    const added = await this.images.add(id, { bytes, alt: altOf(fields) }, user.userId, key);
    return ImageDto.of(tellReplayed(reply, added));
  }

  /** The first of them becomes the product's `imageUrl`. */
  @Put('order')
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

  @Patch(':imageId')
  async describe(
    @UuidParam('id') id: string,
    @UuidParam('imageId') imageId: string,
    @Body() { alt }: DescribeImageDto,
    @CurrentUser() user: SignedInUser,
  ): Promise<ImageDto> {
    return ImageDto.of(await this.images.describe(id, imageId, alt, user.userId));
  }

  @Delete(':imageId')
  @HttpCode(204)
  async remove(
    @UuidParam('id') id: string,
    @UuidParam('imageId') imageId: string,
    @CurrentUser() user: SignedInUser,
  ): Promise<void> {
    await this.images.remove(id, imageId, user.userId);
  }
}
