import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/products.module';
import { DemoSeed } from './demo.seed';

@Module({ imports: [ProductsModule], providers: [DemoSeed], exports: [DemoSeed] })
export class DemoModule {}
