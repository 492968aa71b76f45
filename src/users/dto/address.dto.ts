import { IsBoolean } from 'class-validator';
import { OneLine, Omittable } from '../../http/field.decorators';
import type { AddressRecord } from '../addresses.repository';
import { CursorPageDto } from '../../common/pagination.dto';

export class CreateAddressDto {
  @OneLine(255)
  street: string;

  @OneLine(100)
  city: string;

  @OneLine(100)
  state: string;

  @OneLine(20)
  zipCode: string;

  @OneLine(100)
  country: string;

  /** The first address is the default whatever this says. */
  @Omittable()
  @IsBoolean()
  isDefault?: boolean;
}

export class UpdateAddressDto {
  @Omittable()
  @OneLine(255)
  street?: string;

  @Omittable()
  @OneLine(100)
  city?: string;

  @Omittable()
  @OneLine(100)
  state?: string;

  @Omittable()
  @OneLine(20)
  zipCode?: string;

  @Omittable()
  @OneLine(100)
  country?: string;

  @Omittable()
  @IsBoolean()
  isDefault?: boolean;
}

export class AddressDto {
  id: string;
  street: string;
  city: string;
  state: string;
  zipCode: string;
  country: string;
  isDefault: boolean;

  static of(address: AddressRecord): AddressDto {
    return Object.assign(new AddressDto(), {
      id: address.id,
      street: address.street,
      city: address.city,
      state: address.state,
      zipCode: address.zipCode,
      country: address.country,
      isDefault: address.isDefault,
    });
  }
}

export class AddressListDto {
  items: AddressDto[];
  page: CursorPageDto;
}
