import { AppError } from '../common/app-error';

export const productNotFound = () => new AppError('not_found', 'product.not_found', 'There is no such product.');

export const categoryNotFound = () => new AppError('not_found', 'category.not_found', 'There is no such category.');

export const skuTaken = (sku: string) =>
  new AppError('conflict', 'product.sku_taken', 'Another product has this SKU.', { sku });

export const slugTaken = (slug: string) =>
  new AppError('conflict', 'slug_taken', 'Another one has this address.', { slug });

export const productDeleted = () =>
  new AppError('conflict', 'product.deleted', 'The product was taken off sale. Restore it first.');

export const imageIsFirst = () =>
  new AppError(
    'conflict',
    'product.has_images',
    'The product has images: the first of them is its image. Change their order instead.',
  );

export const categoryCycle = () =>
  new AppError('conflict', 'category.cycle', 'A category cannot be moved into itself or below.');

export const categoryNotEmpty = () =>
  new AppError(
    'conflict',
    'category.not_empty',
    'The category has categories or products, those off sale included. Move them first.',
  );

export const categoriesTooDeep = (depth: number) =>
  new AppError('conflict', 'category.too_deep', `Categories go ${depth} deep at most.`);
