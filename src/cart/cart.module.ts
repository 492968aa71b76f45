import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { ProductsModule } from '../products/products.module';
import { Settings } from '../settings/settings';
import { CartTokens, cartTokenKeys } from './cart-token.service';
import { CartConsumer } from './cart.consumer';
import { CartController } from './cart.controller';
import { CartRepository } from './cart.repository';
import { CartService } from './cart.service';
import { GuestCartsRepository } from './guest-carts.repository';
import { GuestCartsService } from './guest-carts.service';
import { PersonalCartService } from './personal-cart.service';

@Module({
  imports: [
    ProductsModule,
    JwtModule.registerAsync({
      inject: [Settings],
      useFactory: (settings: Settings) => {
        const keys = cartTokenKeys(settings);
        return { secretOrKeyProvider: keys.provide, signOptions: { keyid: keys.newest.kid } };
      },
    }),
  ],
  controllers: [CartController, CartConsumer],
  providers: [CartRepository, CartService, CartTokens, GuestCartsRepository, GuestCartsService, PersonalCartService],
  exports: [CartService, GuestCartsService, PersonalCartService],
})
export class CartModule {}
