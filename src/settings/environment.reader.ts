import { readFileSync } from 'node:fs';

/** One documented environment variable; `.env.example` is written from these. */
export interface SettingDescription {
  name: string;
  type: string;
  default: string | null;
  meaning: string;
  /** It may be in a file, which `<name>_FILE` names. */
  isSecret: boolean;
}

export interface SettingOptions<T> {
  /** Without a default the variable must be given. */
  default?: T;
  /** How the default is described where it depends on the machine. */
  shownDefault?: string;
  meaning: string;
  /** A password, or a URL that may hold one: may be in a file, which `<name>_FILE` names. */
  isSecret?: boolean;
}

/** Thrown with every wrong variable by name, never its value: values may be secrets. */
export class SettingsError extends Error {
  constructor(readonly problems: string[]) {
    super(`Wrong settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** Reads and checks environment variables, remembering each one's description and each problem. */
export class EnvironmentReader {
  readonly described: SettingDescription[] = [];
  readonly problems: string[] = [];

  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  text(name: string, options: SettingOptions<string> & { pattern?: RegExp; minLength?: number }): string {
    const value = this.take(name, 'text', options, options.default ?? '');
    if (value === undefined) return options.default ?? '';
    if (options.pattern && !options.pattern.test(value)) this.problems.push(`${name} has a form that is not accepted`);
    if (options.minLength && value.length < options.minLength) {
      this.problems.push(`${name} must have at least ${options.minLength} characters`);
    }
    return value;
  }

  url(name: string, protocols: readonly string[], options: SettingOptions<string>): string {
    const value = this.take(name, `URL (${protocols.join(', ')})`, options, options.default ?? '');
    if (value === undefined || value === '') return options.default ?? '';
    const protocol = URL.canParse(value) ? new URL(value).protocol.replace(':', '') : null;
    // A replica-set URL lists several hosts, which the WHATWG parser refuses.
    const scheme = protocol ?? /^([a-z+]+):\/\//.exec(value)?.[1];
    if (!scheme || !protocols.includes(scheme)) {
      this.problems.push(`${name} must be a URL with ${protocols.join(' or ')}://`);
    }
    return value;
  }

  integer(name: string, options: SettingOptions<number> & { min: number; max: number }): number {
    return this.numeric(name, `integer ${options.min}..${options.max}`, options, Number.isSafeInteger);
  }

  number(name: string, options: SettingOptions<number> & { min: number; max: number }): number {
    return this.numeric(name, `number ${options.min}..${options.max}`, options, Number.isFinite);
  }

  choice<const T extends string>(name: string, choices: readonly T[], options: SettingOptions<T>): T {
    const value = this.take(name, `one of ${choices.join(', ')}`, options, options.default ?? '');
    const found = choices.find((choice) => choice === value) ?? options.default ?? choices[0];
    if (value !== undefined && value !== found) this.problems.push(`${name} must be one of ${choices.join(', ')}`);
    if (found === undefined) throw new RangeError(`${name} has no choices`);
    return found;
  }

  private numeric(
    name: string,
    type: string,
    options: SettingOptions<number> & { min: number; max: number },
    accepts: (value: number) => boolean,
  ): number {
    const text = this.take(name, type, options, String(options.default ?? ''));
    if (text === undefined) return options.default ?? options.min;
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!accepts(value) || value < options.min || value > options.max) {
      this.problems.push(`${name} must be ${type.replace(' ', ' from ').replace('..', ' to ')}`);
    }
    return value;
  }

  private take<T>(name: string, type: string, options: SettingOptions<T>, shownDefault: string): string | undefined {
    const required = options.default === undefined;
    const { isSecret = false, meaning } = options;
    this.described.push({
      name,
      type,
      default: required ? null : (options.shownDefault ?? shownDefault),
      meaning,
      isSecret,
    });
    const problemsBefore = this.problems.length;
    const value = isSecret ? this.secret(name) : this.env[name];
    const isMissing = (value === undefined || value === '') && required;
    if (isMissing && this.problems.length === problemsBefore) this.problems.push(`${name} is missing: ${meaning}`);
    return value === '' ? undefined : value;
  }

  /** What the file holds, or the variable itself. No problem tells the file's name: someone may put the secret there. */
  private secret(name: string): string | undefined {
    const file = this.env[`${name}_FILE`];
    if (!file) return this.env[name];
    if (this.env[name]) {
      this.problems.push(`${name} and ${name}_FILE are both given: one of them must go`);
      return undefined;
    }
    const text = contentOf(file);
    if (text === '') this.problems.push(`${name}_FILE names an empty file`);
    if (text === null) this.problems.push(`${name}_FILE names a file that is not there or cannot be read`);
    return text ?? undefined;
  }
}

/** Without the line end that editors and `echo` leave; null when there is no such file. */
function contentOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return null;
  }
}
