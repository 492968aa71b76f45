import { Module } from '@nestjs/common';
import { CartModule } from '../cart/cart.module';
import { InventoryModule } from '../inventory/inventory.module';
import { OrdersModule } from '../orders/orders.module';
import { PaymentsModule } from '../payments/payments.module';
import { ProductsModule } from '../products/products.module';
import { UsersModule } from '../users/users.module';
import { CheckoutController } from './checkout.controller';
import { CheckoutRepository } from './checkout.repository';
import { CheckoutService } from './checkout.service';
import { PlaceOrderService } from './place-order.service';
import { PersonalCheckoutsRepository } from './personal-checkouts.repository';
import { PersonalCheckoutsService } from './personal-checkouts.service';

@Module({
  imports: [CartModule, ProductsModule, InventoryModule, UsersModule, OrdersModule, PaymentsModule],
  controllers: [CheckoutController],
  providers: [
    CheckoutRepository,
    CheckoutService,
    PlaceOrderService,
    PersonalCheckoutsRepository,
    PersonalCheckoutsService,
  ],
  exports: [CheckoutService, PlaceOrderService, PersonalCheckoutsService],
})
export class CheckoutModule {}
