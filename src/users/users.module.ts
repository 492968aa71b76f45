import { Module } from '@nestjs/common';
import { AddressesController } from './addresses.controller';
import { AddressesRepository } from './addresses.repository';
import { AddressesService } from './addresses.service';
import { PersonalAccountService } from './personal-account.service';
import { UsersAdminController } from './users.admin.controller';
import { UsersController } from './users.controller';
import { UsersRepository } from './users.repository';
import { UsersService } from './users.service';

@Module({
  controllers: [UsersController, AddressesController, UsersAdminController],
  providers: [UsersRepository, UsersService, AddressesRepository, AddressesService, PersonalAccountService],
  exports: [UsersService, AddressesService, PersonalAccountService],
})
export class UsersModule {}
