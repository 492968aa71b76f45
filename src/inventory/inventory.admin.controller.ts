import { Body, Controller, Get, Headers, Patch, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { readIfMatch } from '../http/if-match.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { AdjustInventoryDto, InventoryDto } from './dto/inventory.dto';
import { InventoryService, type StockView } from './inventory.service';

function answer(reply: FastifyReply, stock: StockView): InventoryDto {
  reply.header('ETag', `"${stock.version}"`);
  return InventoryDto.of(stock);
}

@ApiTags('admin: inventory')
@RequirePermission('inventory:write')
@Controller('v1/admin/inventory')
export class InventoryAdminController {
  constructor(private readonly inventory: InventoryService) {}

  /**
   * Read the stock of a product
   * @remarks On hand, set aside and available; its ETag is the row's version.
   */
  @Get(':productId')
  @Problems('product.not_found')
  @RequirePermission('inventory:read')
  async get(
    @UuidParam('productId') productId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InventoryDto> {
    return answer(reply, await this.inventory.get(productId));
  }

  /**
   * Set the stock of a product
   * @remarks Sets what is on hand, if it still is what you saw: name that by `expectedQuantity` or `If-Match`.
   */
  @Patch(':productId')
  @ApiHeader({ name: 'If-Match', required: false, description: 'The ETag of the last answer' })
  @Problems(
    'product.not_found',
    'inventory.changed',
    'inventory.below_reserved',
    'inventory.over_promised',
    'precondition_required',
    'precondition_failed',
  )
  async adjust(
    @CurrentUser() user: SignedInUser,
    @UuidParam('productId') productId: string,
    @Body() body: AdjustInventoryDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InventoryDto> {
    const stock = await this.inventory.adjust(
      productId,
      { quantity: body.quantity, reason: body.reason ?? null, actorId: user.userId },
      { quantity: body.expectedQuantity, match: readIfMatch(ifMatch) },
    );
    return answer(reply, stock);
  }
}
