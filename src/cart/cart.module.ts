import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/products.module';
import { CartConsumer } from './cart.consumer';
import { CartController } from './cart.controller';
import { CartRepository } from './cart.repository';
import { CartService } from './cart.service';

@Module({
  imports: [ProductsModule],
  controllers: [CartController, CartConsumer],
  providers: [CartRepository, CartService],
  exports: [CartService],
})
export class CartModule {}
