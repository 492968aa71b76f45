import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module';
import { ShipmentsRepository } from './shipments.repository';
import { ShippingAdminController } from './shipping.admin.controller';
import { ShippingConsumer } from './shipping.consumer';
import { ShippingService } from './shipping.service';

@Module({
  imports: [OrdersModule],
  controllers: [ShippingAdminController, ShippingConsumer],
  providers: [ShipmentsRepository, ShippingService],
})
export class ShippingModule {}
