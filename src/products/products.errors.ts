import { AppError } from '../common/app-error';

export const productNotFound = () => new AppError('not_found', 'product.not_found', 'There is no such product.');

export const categoryNotFound = () => new AppError('not_found', 'category.not_found', 'There is no such category.');

export const skuTaken = (sku: string) =>
  new AppError('conflict', 'product.sku_taken', 'Another product has this SKU.', { sku });
