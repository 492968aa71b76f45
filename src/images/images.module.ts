import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { ProductsModule } from '../products/products.module';
import { ImageEncodingService } from './image-encoding.service';
import { ImageStoreService } from './image-store.service';
import { ImagesSweepJob } from './images-sweep.job';
import { ImagesAdminController } from './images.admin.controller';
import { ImagesRepository } from './images.repository';
import { ImagesService } from './images.service';

/** Product images: table product_images, and the folder IMAGES_DIR. */
@Module({
  imports: [AuditModule, ProductsModule],
  controllers: [ImagesAdminController],
  providers: [ImagesRepository, ImageEncodingService, ImageStoreService, ImagesService, ImagesSweepJob],
  exports: [ImagesSweepJob],
})
export class ImagesModule {}
