import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { withoutMarkup } from '../../common/plain-text';

export const MAX_ATTRIBUTES = 50;
export const ATTRIBUTE_NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,49}$/u;
export const MAX_ATTRIBUTE_LENGTH = 255;

function isAttribute([name, value]: [string, unknown]): boolean {
  return (
    ATTRIBUTE_NAME.test(name) && typeof value === 'string' && value.length > 0 && value.length <= MAX_ATTRIBUTE_LENGTH
  );
}

/** What a client needs to know of them. */
export const ATTRIBUTES_SCHEMA = {
  type: 'object' as const,
  maxProperties: MAX_ATTRIBUTES,
  propertyNames: { pattern: ATTRIBUTE_NAME.source },
  additionalProperties: { type: 'string', minLength: 1, maxLength: MAX_ATTRIBUTE_LENGTH },
};

function cleaned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const clean = (text: unknown) => (typeof text === 'string' ? withoutMarkup(text) : text);
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, clean(text)]));
}

const areAttributes = ValidateBy({
  name: 'attributes',
  validator: {
    validate: (value: unknown) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
      const entries = Object.entries(value);
      return entries.length <= MAX_ATTRIBUTES && entries.every(isAttribute);
    },
    defaultMessage: () =>
      `must be up to ${MAX_ATTRIBUTES} texts of 1 to ${MAX_ATTRIBUTE_LENGTH} characters, by names of letters and digits`,
  },
});

/** Texts by names, as `{"colour": "red"}`; kept without markup. */
export function Attributes(): PropertyDecorator {
  return applyDecorators(
    // As it was sent: class-transformer has left away what is named as a member of every object.
    Transform(({ obj, key }: { obj: Record<string, unknown>; key: string }) => cleaned(obj[key])),
    areAttributes,
  );
}
