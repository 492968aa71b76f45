import { Param, type PipeTransform } from '@nestjs/common';
import { inParameter, ValidationError } from '../common/app-error';

/** Of any version, as class-validator's `isUUID` has it, without its price. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const ENDS = /^(?:0{8}-0{4}-0{4}-0{4}-0{12}|f{8}-f{4}-f{4}-f{4}-f{12})$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text) || ENDS.test(text);
}

class UuidPipe implements PipeTransform<string, string> {
  constructor(private readonly field: string) {}

  transform(value: string): string {
    if (!isUuid(value)) throw new ValidationError([inParameter(this.field, 'must be a UUID')]);
    return value.toLowerCase();
  }
}

/** A path parameter that must be a UUID. */
export function UuidParam(name: string): ParameterDecorator {
  return Param(name, new UuidPipe(name));
}
