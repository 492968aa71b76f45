import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  OptionalIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
import { linkNext } from '../http/link.header';
import { Problems } from '../http/problems.decorator';
import { UuidParam } from '../http/uuid.param';
import { AddressesService } from './addresses.service';
import { AddressDto, AddressListDto, CreateAddressDto, UpdateAddressDto } from './dto/address.dto';
import { CursorQuery } from '../common/pagination.dto';

@ApiTags('users')
@RequirePermission('own:account')
@Controller('v1/users/me/addresses')
export class AddressesController {
  constructor(private readonly addresses: AddressesService) {}

  /**
   * List the own addresses
   * @remarks Newest first.
   */
  @Get()
  async list(
    @CurrentUser() user: SignedInUser,
    @Query() query: CursorQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AddressListDto> {
    const { items, page } = await this.addresses.list(user.userId, query);
    linkNext(reply, page);
    return { items: items.map((address) => AddressDto.of(address)), page };
  }

  /**
   * Add an address
   * @remarks The first address becomes the default.
   */
  @Post()
  @ApiIdempotencyKey(false)
  async create(
    @CurrentUser() user: SignedInUser,
    @Body() body: CreateAddressDto,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AddressDto> {
    return tellReplayed(reply, await this.addresses.create(user.userId, body, key));
  }

  /**
   * Read an address
   * @remarks One of the customer's own.
   */
  @Get(':id')
  @Problems('address.not_found')
  async get(@CurrentUser() user: SignedInUser, @UuidParam('id') id: string): Promise<AddressDto> {
    return AddressDto.of(await this.addresses.get(user.userId, id));
  }

  /**
   * Change an address
   * @remarks Changes what is given; `isDefault: true` takes the default from the address that had it.
   */
  @Patch(':id')
  @Problems('address.not_found', 'address.default_required')
  async update(
    @CurrentUser() user: SignedInUser,
    @UuidParam('id') id: string,
    @Body() body: UpdateAddressDto,
  ): Promise<AddressDto> {
    return AddressDto.of(await this.addresses.update(user.userId, id, body));
  }

  /**
   * Remove an address
   * @remarks The oldest of the others becomes the default, if this one was. Orders keep their copy.
   */
  @Delete(':id')
  @HttpCode(204)
  @Problems('address.not_found')
  remove(@CurrentUser() user: SignedInUser, @UuidParam('id') id: string): Promise<void> {
    return this.addresses.remove(user.userId, id);
  }
}
