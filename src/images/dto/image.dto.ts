import { ArrayMaxSize, IsArray, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { Trimmed, WithoutMarkup } from '../../http/field.decorators';
import { sizesOf, type ImageRecord } from '../images.types';

/** What an image shows, in one line; empty for one that only decorates. */
export class DescribeImageDto {
  @WithoutMarkup()
  @Trimmed()
  @IsString()
  @MaxLength(255)
  @Matches(/^\P{Cc}*$/u, { message: 'must not contain control characters' })
  alt: string;
}

export class ReorderImagesDto {
  /** Each image of the product once, the first to be shown first. */
  @IsArray()
  @ArrayMaxSize(100)
  @IsUUID(undefined, { each: true })
  ids: string[];
}

export class ImageSizeDto {
  url: string;

  /** Pixels; unknown of an image that lies elsewhere. */
  width: number | null;
}

export class ImageDto {
  id: string;

  /** The widest, as a path of the shop. It never changes: another image has another address. */
  url: string;

  /** What it shows, for those who cannot see it. */
  alt: string;

  width: number | null;
  height: number | null;

  /** From 0; the first is the product's `imageUrl`. */
  position: number;

  /** The same image in all its widths. */
  sizes: ImageSizeDto[];

  static of(image: ImageRecord): ImageDto {
    const { id, url, alt, width, height, position } = image;
    return Object.assign(new ImageDto(), { id, url, alt, width, height, position, sizes: sizesOf(image) });
  }
}

export class ImagesDto {
  items: ImageDto[];
}
