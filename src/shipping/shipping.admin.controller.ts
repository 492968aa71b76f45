import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Problems } from '../http/problems.decorator';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { UuidParam } from '../http/uuid.param';
import { OrderDto } from '../orders/dto/order.dto';
import { OrderReadingService } from '../orders/order-reading.service';
import { ShipOrderDto } from './dto/ship-order.dto';
import { ShippingService } from './shipping.service';

@ApiTags('admin: orders')
@RequirePermission('orders:write')
@Controller('v1/admin/orders')
export class ShippingAdminController {
  constructor(
    private readonly shipping: ShippingService,
    private readonly orders: OrderReadingService,
  ) {}

  /**
   * Ship an order
   * @remarks The goods left with a carrier; the customer is told by mail and SMS.
   */
  @Post(':id/ship')
  @HttpCode(200)
  @Problems('order.not_found', 'order.cannot_be_shipped')
  async ship(
    @UuidParam('id') id: string,
    @Body() body: ShipOrderDto,
    @CurrentUser() user: SignedInUser,
  ): Promise<OrderDto> {
    await this.shipping.ship(id, body, user.userId);
    return OrderDto.of(await this.orders.get(id, null));
  }

  /**
   * Deliver an order
   * @remarks The goods arrived.
   */
  @Post(':id/deliver')
  @HttpCode(200)
  @Problems('order.not_found', 'order.cannot_be_delivered')
  async deliver(@UuidParam('id') id: string, @CurrentUser() user: SignedInUser): Promise<OrderDto> {
    await this.shipping.deliver(id, user.userId);
    return OrderDto.of(await this.orders.get(id, null));
  }
}
