import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { AuditService } from '../audit/audit.service';
import { inTransaction } from '../database/sql';
import type { IdempotentRequest } from '../http/idempotency/idempotency.decorators';
import { Idempotency, type Outcome } from '../http/idempotency/idempotency.service';
import { ProductEditingService } from '../products/product-editing.service';
import { ImageEncodingService } from './image-encoding.service';
import { ImageStoreService } from './image-store.service';
import { imageNotFound, imagesChanged, tooManyImages } from './images.errors';
import { ImagesRepository } from './images.repository';
import { pathOf, URL_PREFIX, type EncodedImage, type ImageRecord } from './images.types';

export type { ImageRecord } from './images.types';

const MOST_OF_A_PRODUCT = 20;

export interface NewImage {
  bytes: Buffer;
  alt: string;
}

/**
 * The images of a product. The product's row is locked first, so that one at a time changes them, and its `image_url`
 * is always the first of them. Files come before the row that names them: a crash leaves at worst a file that no one
 * asks for, and the sweeper removes it.
 */
@Injectable()
export class ImagesService {
  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly repository: ImagesRepository,
    private readonly encoding: ImageEncodingService,
    private readonly store: ImageStoreService,
    private readonly editing: ProductEditingService,
    private readonly idempotency: Idempotency,
    private readonly audit: AuditService,
  ) {}

  async of(productId: string): Promise<ImageRecord[]> {
    await this.editing.get(productId);
    return this.repository.of(this.products, productId);
  }

  async add(
    productId: string,
    { bytes, alt }: NewImage,
    actorId: string,
    request: IdempotentRequest | null,
  ): Promise<Outcome<ImageRecord>> {
    await this.editing.get(productId);
    const encoded = await this.encoding.encode(bytes);
    const sent = createHash('sha256').update(bytes).update(alt).digest('hex');
    return this.editing.whileChanging(productId, () =>
      inTransaction(this.products, (tx) =>
        this.idempotency.once(tx, request && { ...request, requestHash: sent }, () =>
          this.insert(tx, productId, encoded, alt, actorId),
        ),
      ),
    );
  }

  async describe(productId: string, imageId: string, alt: string, actorId: string): Promise<ImageRecord> {
    return this.changing(productId, async (tx, images) => {
      const image = this.pick(images, imageId);
      await this.repository.setAlt(tx, imageId, alt);
      await this.record(tx, actorId, 'image.described', imageId, { alt: image.alt }, { alt });
      return { ...image, alt };
    });
  }

  /** All of the product's images in their new order; 409 when someone added or removed one meanwhile. */
  async reorder(productId: string, ids: readonly string[], actorId: string): Promise<ImageRecord[]> {
    return this.changing(productId, async (tx, images) => {
      const known = new Map(images.map((image) => [image.id, image]));
      if (new Set(ids).size !== images.length || ids.length !== images.length || !ids.every((id) => known.has(id))) {
        throw imagesChanged();
      }
      await this.repository.reorder(tx, ids);
      await this.audit.record(tx, actorId, [
        {
          action: 'product.images_reordered',
          subjectType: 'product',
          subjectId: productId,
          before: { images: images.map((image) => image.id) },
          after: { images: ids },
        },
      ]);
      return this.repository.of(tx, productId);
    });
  }

  /** Its files stay until the sweeper finds that no image has them any more. */
  async remove(productId: string, imageId: string, actorId: string): Promise<void> {
    await this.changing(productId, async (tx, images) => {
      const { url, alt, position } = this.pick(images, imageId);
      await this.repository.delete(tx, imageId);
      await this.repository.reorder(
        tx,
        images.filter((image) => image.id !== imageId).map((image) => image.id),
      );
      await this.record(tx, actorId, 'image.removed', imageId, { productId, url, alt, position }, null);
    });
  }

  private async insert(
    tx: EntityManager,
    productId: string,
    encoded: EncodedImage,
    alt: string,
    actorId: string,
  ): Promise<ImageRecord> {
    const product = await this.editing.lockOnSale(tx, productId);
    const images = await this.repository.of(tx, productId);
    if (images.length >= MOST_OF_A_PRODUCT) throw tooManyImages(MOST_OF_A_PRODUCT);
    await this.repository.keepFiles(tx);
    await this.store.put(encoded);
    const widest = encoded.sizes.at(-1);
    const image: ImageRecord = {
      id: uuidv7(),
      productId,
      url: `${URL_PREFIX}${pathOf(encoded.hash, widest?.width ?? 0)}`,
      alt,
      width: widest?.width ?? null,
      height: widest?.height ?? null,
      position: images.length,
    };
    await this.repository.insert(tx, image);
    await this.editing.setImageUrl(tx, productId, images.length === 0 ? image.url : product.imageUrl);
    const { url, position } = image;
    await this.record(tx, actorId, 'image.added', image.id, null, { productId, url, alt, position });
    return image;
  }

  private async changing<T>(
    productId: string,
    work: (tx: EntityManager, images: ImageRecord[]) => Promise<T>,
  ): Promise<T> {
    return this.editing.whileChanging(productId, () =>
      inTransaction(this.products, async (tx) => {
        await this.editing.lockOnSale(tx, productId);
        const done = await work(tx, await this.repository.of(tx, productId));
        const [first] = await this.repository.of(tx, productId);
        await this.editing.setImageUrl(tx, productId, first?.url ?? null);
        return done;
      }),
    );
  }

  private pick(images: readonly ImageRecord[], id: string): ImageRecord {
    const image = images.find((candidate) => candidate.id === id);
    if (!image) throw imageNotFound();
    return image;
  }

  private async record(
    tx: EntityManager,
    actorId: string,
    action: string,
    imageId: string,
    before: object | null,
    after: object | null,
  ): Promise<void> {
    await this.audit.record(tx, actorId, [{ action, subjectType: 'product_image', subjectId: imageId, before, after }]);
  }
}
