import { ValidationPipe, type ArgumentMetadata, type ValidationError as FieldFailure } from '@nestjs/common';
import { ValidationError, type FieldError } from '../common/app-error';

function toFieldErrors(failures: FieldFailure[], parent = ''): FieldError[] {
  return failures.flatMap((failure) => {
    const field = parent ? `${parent}.${failure.property}` : failure.property;
    const own = Object.values(failure.constraints ?? {}).map((message) => ({ field, message }));
    return [...own, ...toFieldErrors(failure.children ?? [], field)];
  });
}

/** So many checked queries are remembered, a few hundred bytes each; the oldest go first. */
const MOST_QUERIES = 2_000;

/**
 * The same query is asked thousands of times, and checking it costs more than answering it from the cache: what passed
 * once for a class is not checked again. Whoever is handed one of these must not change it: it is frozen.
 */
class RequestValidationPipe extends ValidationPipe {
  private readonly passed = new Map<unknown, Map<string, object>>();

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type !== 'query') return super.transform(value, metadata);
    let known = this.passed.get(metadata.metatype);
    if (!known) {
      known = new Map<string, object>();
      this.passed.set(metadata.metatype, known);
    }
    const asked = JSON.stringify(value);
    const found = known.get(asked);
    if (found) return found;
    const checked: unknown = await super.transform(value, metadata);
    if (typeof checked !== 'object' || checked === null) return checked;
    const [oldest] = known.keys();
    if (known.size >= MOST_QUERIES && oldest !== undefined) known.delete(oldest);
    known.set(asked, Object.freeze(checked));
    return checked;
  }
}

/** Bodies, queries and parameters are checked against their classes; unknown fields are refused. */
export function requestValidation(): ValidationPipe {
  return new RequestValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: false,
    exceptionFactory: (failures) => new ValidationError(toFieldErrors(failures)),
  });
}
