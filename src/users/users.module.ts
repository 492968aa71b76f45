import { Module } from '@nestjs/common';
import { AddressesController } from './addresses.controller';
import { AddressesRepository } from './addresses.repository';
import { AddressesService } from './addresses.service';
import { UsersAdminController } from './users.admin.controller';
import { UsersController } from './users.controller';
import { UsersRepository } from './users.repository';
import { UsersService } from './users.service';

@Module({
  controllers: [UsersController, AddressesController, UsersAdminController],
  providers: [UsersRepository, UsersService, AddressesRepository, AddressesService],
  exports: [UsersService, AddressesService],
})
export class UsersModule {}
