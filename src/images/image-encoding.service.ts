import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Semaphore } from 'async-mutex';
import sharp, { type Metadata } from 'sharp';
import { brokenImage, imageTooLarge, notAnImage } from './images.errors';
import { widthsUpTo, WIDTHS, type EncodedImage, type EncodedSize } from './images.types';

/** A few bytes can claim to be very many pixels: they are counted by the header, before anything is unpacked. */
const MAX_PIXELS = 40_000_000;
const MAX_SIDE = 12_000;
const MAX_SECONDS = 10;
const QUALITY = 82;
/** Beside serving requests, a process encodes this many at once. */
const AT_ONCE = 2;

const WIDEST = Math.max(...WIDTHS);
const FORMATS = new Set<string | undefined>(['jpeg', 'png', 'webp']);

// Only these decoders may look at what strangers made: neither SVG, which can hold scripts and fetch files, nor PDF.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
});
sharp.concurrency(1);
sharp.cache(false);

/**
 * Makes of an upload what customers get: WebP in a few widths. Everything but the pixels is left behind, be it where the
 * photo was taken or a script hidden in it.
 */
@Injectable()
export class ImageEncodingService {
  private readonly turns = new Semaphore(AT_ONCE);

  async encode(upload: Buffer): Promise<EncodedImage> {
    return this.turns.runExclusive(async () => {
      const width = await this.look(upload);
      const sizes: EncodedSize[] = [];
      for (const size of widthsUpTo(Math.min(width, WIDEST))) sizes.push(await this.resize(upload, size));
      const widest = sizes.at(-1);
      if (!widest) throw brokenImage();
      return { hash: createHash('sha256').update(widest.bytes).digest('hex').slice(0, 32), sizes };
    });
  }

  /** What it is, by its content; how wide it is when it stands upright. */
  private async look(upload: Buffer): Promise<number> {
    const found = await this.metadata(upload);
    if (!FORMATS.has(found.format)) throw notAnImage();
    const { width, height } = found.autoOrient;
    if (width * height > MAX_PIXELS || Math.max(width, height) > MAX_SIDE) throw imageTooLarge(MAX_PIXELS, MAX_SIDE);
    return width;
  }

  private async metadata(upload: Buffer): Promise<Metadata> {
    try {
      // Unlimited here: only the header is read, and too large is another answer than broken.
      return await sharp(upload, { limitInputPixels: false }).metadata();
    } catch {
      throw notAnImage();
    }
  }

  private async resize(upload: Buffer, width: number): Promise<EncodedSize> {
    try {
      const { data, info } = await sharp(upload, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
        .timeout({ seconds: MAX_SECONDS })
        .autoOrient()
        .resize({ width })
        .webp({ quality: QUALITY })
        .toBuffer({ resolveWithObject: true });
      return { width: info.width, height: info.height, bytes: data };
    } catch {
      throw brokenImage();
    }
  }
}
