import {
  type ArgumentMetadata,
  type ValidationError as FieldFailure,
  ValidationPipe,
  type ValidationPipeOptions,
} from '@nestjs/common';
import { pointerTo, ValidationError, type FieldError } from '../common/app-error';

type Place = (path: readonly string[]) => Omit<FieldError, 'field' | 'message'>;

/** Bodies are pointed into; of a query or a path the parameter is named. */
const inTheBody: Place = (path) => ({ pointer: pointerTo(path) });
const inAParameter: Place = ([parameter]) => ({ parameter });

function toFieldErrors(failures: FieldFailure[], place: Place, parents: readonly string[] = []): FieldError[] {
  return failures.flatMap((failure) => {
    const path = [...parents, failure.property];
    const messages = Object.values(failure.constraints ?? {});
    const own = messages.map((message) => ({ field: path.join('.'), message, ...place(path) }));
    return [...own, ...toFieldErrors(failure.children ?? [], place, path)];
  });
}

const checkedAgainstClass = (place: Place): ValidationPipeOptions => ({
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  transform: true,
  stopAtFirstError: false,
  exceptionFactory: (failures) => new ValidationError(toFieldErrors(failures, place).slice(0, MOST_ERRORS)),
});

/** No body of this API needs half as many; what checks them goes down level by level, and would run out of stack. */
const MOST_LEVELS = 32;
/** Who sent ten thousand wrong fields is told of the first. */
const MOST_ERRORS = 100;

function isTooDeep(body: unknown): boolean {
  const left: [value: unknown, level: number][] = [[body, 0]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [value, level] = next;
    if (typeof value !== 'object' || value === null) continue;
    if (level >= MOST_LEVELS) return true;
    for (const inner of Object.values(value)) left.push([inner, level + 1]);
  }
  return false;
}

/** So many checked queries are remembered, a few hundred bytes each; the oldest go first. */
const MOST_QUERIES = 2_000;

/**
 * The same query is asked thousands of times, and checking it costs more than answering it from the cache: what passed
 * once for a class is not checked again. Whoever is handed one of these must not change it: it is frozen.
 */
class RequestValidationPipe extends ValidationPipe {
  private readonly passed = new Map<unknown, Map<string, object>>();
  private readonly parameters = new ValidationPipe(checkedAgainstClass(inAParameter));

  constructor() {
    super(checkedAgainstClass(inTheBody));
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') {
      // A body that is left out is taken for an empty one; null was meant to be something.
      if (value === null) throw new ValidationError([], 'The body must be a JSON object.');
      if (isTooDeep(value)) throw new ValidationError([], `The body is nested over ${MOST_LEVELS} levels deep.`);
      return super.transform(value, metadata);
    }
    if (metadata.type !== 'query') return this.parameters.transform(value, metadata);
    let known = this.passed.get(metadata.metatype);
    if (!known) {
      known = new Map<string, object>();
      this.passed.set(metadata.metatype, known);
    }
    const asked = JSON.stringify(value);
    const found = known.get(asked);
    if (found) return found;
    const checked: unknown = await this.parameters.transform(value, metadata);
    if (typeof checked !== 'object' || checked === null) return checked;
    const [oldest] = known.keys();
    if (known.size >= MOST_QUERIES && oldest !== undefined) known.delete(oldest);
    known.set(asked, Object.freeze(checked));
    return checked;
  }
}

/** Bodies, queries and parameters are checked against their classes; unknown fields are refused. */
export function requestValidation(): ValidationPipe {
  return new RequestValidationPipe();
}
