import { IsOptional, IsString, Matches } from 'class-validator';
import { CursorPageDto } from '../../common/pagination.dto';
import { OneLine, Omittable } from '../../http/field.decorators';
import type { UserRecord } from '../users.repository';

export class UpdateProfileDto {
  @Omittable()
  @OneLine(255)
  name?: string;

  /** Where text messages go; null takes it away. */
  @IsOptional()
  @IsString()
  @Matches(/^\+?[0-9][0-9 ().-]{4,30}$/, { message: 'must be a telephone number, as "+15551234567"' })
  phone?: string | null;
}

export class ProfileDto {
  id: string;
  email: string;
  name: string;
  phone: string | null;
  roles: string[];

  /** Whether someone showed that they read mail to this address. */
  emailVerified: boolean;
  createdAt: string;

  static of(user: UserRecord): ProfileDto {
    return Object.assign(new ProfileDto(), {
      id: user.id,
      email: user.email,
      name: user.name,
      phone: user.phone,
      roles: user.roles,
      emailVerified: user.emailVerified,
      createdAt: user.createdAt.toISOString(),
    });
  }
}

export class ProfileListDto {
  items: ProfileDto[];
  page: CursorPageDto;
}
