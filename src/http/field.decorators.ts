import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsString, Length, Matches, ValidateIf } from 'class-validator';

/** The field may be left out; unlike with `@IsOptional()`, null is not a way to do so. */
export function Omittable(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}

/** Blanks around a text were not meant. */
export function Trimmed(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value));
}

/** One line of text for people. PostgreSQL refuses NUL, and a line break could forge a mail header. */
export function OneLine(maxLength: number): PropertyDecorator {
  return applyDecorators(
    Trimmed(),
    IsString(),
    Length(1, maxLength),
    Matches(/^\P{Cc}*$/u, { message: 'must not contain control characters' }),
  );
}
