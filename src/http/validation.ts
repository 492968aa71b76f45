import { ValidationPipe, type ValidationError as FieldFailure } from '@nestjs/common';
import { ValidationError, type FieldError } from '../common/app-error';

function toFieldErrors(failures: FieldFailure[], parent = ''): FieldError[] {
  return failures.flatMap((failure) => {
    const field = parent ? `${parent}.${failure.property}` : failure.property;
    const own = Object.values(failure.constraints ?? {}).map((message) => ({ field, message }));
    return [...own, ...toFieldErrors(failure.children ?? [], field)];
  });
}

/** Bodies, queries and parameters are checked against their classes; unknown fields are refused. */
export function requestValidation(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: false,
    exceptionFactory: (failures) => new ValidationError(toFieldErrors(failures)),
  });
}
