import { AppError } from '../common/app-error';

export const imageNotFound = () => new AppError('not_found', 'image.not_found', 'The product has no such image.');

export const notAnImage = () =>
  new AppError('unsupported_media_type', 'image.type', 'Only JPEG, PNG and WebP images are taken, by what they hold.');

export const brokenImage = () => new AppError('unprocessable', 'image.broken', 'The image cannot be read.');

export const imageTooLarge = (pixels: number, side: number) =>
  new AppError(
    'unprocessable',
    'image.too_large',
    `An image may have ${pixels} pixels at most, and ${side} on a side.`,
  );

export const tooManyImages = (most: number) =>
  new AppError('conflict', 'image.too_many', `A product has ${most} images at most.`);

export const imagesChanged = () =>
  new AppError('conflict', 'image.others', 'The product has other images than these: name each of them once.');
