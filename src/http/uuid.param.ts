import { Param, type PipeTransform } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { ValidationError } from '../common/app-error';

class UuidPipe implements PipeTransform<string, string> {
  constructor(private readonly field: string) {}

  transform(value: string): string {
    if (!isUUID(value)) throw new ValidationError([{ field: this.field, message: 'must be a UUID' }]);
    return value.toLowerCase();
  }
}

/** A path parameter that must be a UUID. */
export function UuidParam(name: string): ParameterDecorator {
  return Param(name, new UuidPipe(name));
}
