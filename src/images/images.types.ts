/** An image of a product; the first is the one its card shows. */
export interface ImageRecord {
  id: string;
  productId: string;
  url: string;
  alt: string;
  width: number | null;
  height: number | null;
  position: number;
}

/** One size of an image, ready to be kept. */
export interface EncodedSize {
  width: number;
  height: number;
  bytes: Buffer;
}

/** An image in all its sizes, the widest last; `hash` is of that one's bytes. */
export interface EncodedImage {
  hash: string;
  sizes: EncodedSize[];
}

/** The sizes a shop shows: in a list, on a page, on a large screen. Smaller images stay as wide as they are. */
export const WIDTHS = [320, 800, 1600];

export function widthsUpTo(width: number): number[] {
  return [...WIDTHS.filter((candidate) => candidate < width), width];
}

/** Where Nginx serves it, under IMAGES_DIR. Of what we made ourselves alone: no name comes from outside. */
export function pathOf(hash: string, width: number): string {
  return `${hash.slice(0, 2)}/${hash}-${width}.webp`;
}

export const URL_PREFIX = '/images/';

const KEPT = /^\/images\/[0-9a-f]{2}\/([0-9a-f]{32})-(\d+)\.webp$/;

/** The addresses of all sizes of an image that is kept here; of one that lies elsewhere only its own. */
export function sizesOf({ url, width }: Pick<ImageRecord, 'url' | 'width'>): { url: string; width: number | null }[] {
  const hash = KEPT.exec(url)?.[1];
  if (hash === undefined || width === null) return [{ url, width }];
  return widthsUpTo(width).map((size) => ({ url: `${URL_PREFIX}${pathOf(hash, size)}`, width: size }));
}
