import { applyDecorators } from '@nestjs/common';
import { IsString, Length, Matches } from 'class-validator';

/** A part of an address: small ASCII letters, digits and single hyphens. */
export function Slug(): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(1, 255),
    Matches(/^[a-z0-9]+(-[a-z0-9]+)*$/, { message: 'must be small letters, digits and single hyphens, as "red-mug"' }),
  );
}
