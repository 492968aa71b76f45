import { applyDecorators } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import {
  IsISO8601,
  IsObject,
  IsString,
  Length,
  Matches,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { withoutMarkup } from '../common/plain-text';

/** The field may be left out; unlike with `@IsOptional()`, null is not a way to do so. */
export function Omittable(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}

/** One object of that class. By itself `@ValidateNested()` lets lists pass, and what is missing. */
export function Nested(type: () => new () => object): PropertyDecorator {
  return applyDecorators(IsObject(), ValidateNested(), Type(type));
}

/** Blanks around a text were not meant. */
export function Trimmed(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value));
}

/** Text that people will read: it is kept without markup. */
export function WithoutMarkup(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? withoutMarkup(value) : value));
}

/** For what names a thing, as a SKU or an address: with another text it would name another thing. */
export function NoMarkup(): PropertyDecorator {
  return ValidateBy({
    name: 'noMarkup',
    validator: {
      validate: (value: unknown) => typeof value !== 'string' || withoutMarkup(value) === value,
      defaultMessage: () => 'must not contain markup',
    },
  });
}

/** A date and time. ISO 8601 has ways to write one (weeks, no hyphens) that JavaScript does not read. */
export function Instant(): PropertyDecorator {
  return applyDecorators(
    IsISO8601({ strict: true, strictSeparator: true }),
    ValidateBy({
      name: 'isInstant',
      validator: {
        validate: (value: unknown) => typeof value !== 'string' || !Number.isNaN(Date.parse(value)),
        defaultMessage: () => 'must be written as 2026-03-14T09:26:53Z',
      },
    }),
  );
}

/** One line of text for people. PostgreSQL refuses NUL, and a line break could forge a mail header. */
export function OneLine(maxLength: number): PropertyDecorator {
  return applyDecorators(
    WithoutMarkup(),
    Trimmed(),
    IsString(),
    Length(1, maxLength),
    Matches(/^\P{Cc}*$/u, { message: 'must not contain control characters' }),
  );
}
