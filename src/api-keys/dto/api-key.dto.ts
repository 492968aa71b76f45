import { ApiProperty } from '@nestjs/swagger';
import { ArrayNotEmpty, ArrayUnique, IsArray, IsIn } from 'class-validator';
import { CursorPageDto } from '../../common/pagination.dto';
import { Instant, Omittable, OneLine } from '../../http/field.decorators';
import type { Permission } from '../../http/permissions';
import { KEY_PERMISSIONS, type ApiKeyRecord, type NewApiKey } from '../api-keys.types';

export class NewApiKeyDto {
  /** Who it is for. */
  @OneLine(100)
  name: string;

  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(KEY_PERMISSIONS, { each: true })
  @ApiProperty({ enum: KEY_PERMISSIONS, enumName: 'KeyPermission', isArray: true })
  permissions: Permission[];

  /** Without it the key holds until it is revoked. */
  @Omittable()
  @Instant()
  expiresAt?: string;

  static wanted({ name, permissions, expiresAt }: NewApiKeyDto): NewApiKey {
    return { name, permissions, expiresAt: expiresAt === undefined ? null : new Date(expiresAt) };
  }
}

export class ApiKeyDto {
  id: string;
  name: string;

  /** How the key begins. */
  hint: string;

  @ApiProperty({ enum: KEY_PERMISSIONS, enumName: 'KeyPermission', isArray: true })
  permissions: Permission[];

  /** The admin who made it. */
  createdBy: string;

  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;

  /** Within a minute; null when it never was. */
  lastUsedAt: string | null;

  static of(record: ApiKeyRecord): ApiKeyDto {
    return Object.assign(new ApiKeyDto(), ApiKeyDto.fieldsOf(record));
  }

  protected static fieldsOf(record: ApiKeyRecord) {
    return {
      id: record.id,
      name: record.name,
      hint: record.hint,
      permissions: record.permissions,
      createdBy: record.createdBy,
      createdAt: record.createdAt.toISOString(),
      expiresAt: record.expiresAt?.toISOString() ?? null,
      revokedAt: record.revokedAt?.toISOString() ?? null,
      lastUsedAt: record.lastUsedAt?.toISOString() ?? null,
    };
  }
}

export class ApiKeyWithSecretDto extends ApiKeyDto {
  /** For `Authorization: Bearer`. Never shown again. */
  key: string;

  static withKey(record: ApiKeyRecord, key: string): ApiKeyWithSecretDto {
    return Object.assign(new ApiKeyWithSecretDto(), { ...ApiKeyDto.fieldsOf(record), key });
  }
}

export class ApiKeyListDto {
  items: ApiKeyDto[];
  page: CursorPageDto;
}
