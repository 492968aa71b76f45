import { readFileSync } from 'node:fs';
import type { Connection } from '../../src/database/connections';

/** What contract.md promises of stack.json. */
export interface Stack {
  baseUrl: string;
  apiUrls: string[];
  admin: { email: string; password: string };
  /** With the owner roles. */
  postgres: Record<Connection, string>;
  mongo: string;
  redis: string;
  kafka: string[];
  mailUrl: string;
  smsUrl: string;
  providerUrl: string;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Picks what must be there out of one object of the file, and says by name what is not. */
class Part {
  constructor(
    private readonly file: string,
    private readonly path: string,
    private readonly content: unknown,
  ) {}

  text(name: string): string {
    const value = this.value(name);
    return typeof value === 'string' ? value : this.refuse(name, 'a string');
  }

  texts(name: string): string[] {
    const value = this.value(name);
    const isTexts = Array.isArray(value) && value.every((item): item is string => typeof item === 'string');
    return isTexts ? value : this.refuse(name, 'a list of strings');
  }

  part(name: string): Part {
    return new Part(this.file, `${this.path}${name}.`, this.value(name));
  }

  private value(name: string): unknown {
    return isObject(this.content) ? this.content[name] : undefined;
  }

  private refuse(name: string, wanted: string): never {
    throw new Error(`${this.file}: "${this.path}${name}" is not ${wanted}`);
  }
}

/** Where the services of this test run are found. Throws when there is no such run. */
export function readStack(file = process.env['STACK_FILE']): Stack {
  if (!file) throw new Error('STACK_FILE is missing: these tests need real services, run `npm test`');
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const stack = new Part(file, '', content);
  const admin = stack.part('admin');
  const postgres = stack.part('postgres');
  return {
    baseUrl: stack.text('baseUrl'),
    apiUrls: stack.texts('apiUrls'),
    admin: { email: admin.text('email'), password: admin.text('password') },
    postgres: { users: postgres.text('users'), products: postgres.text('products'), orders: postgres.text('orders') },
    mongo: stack.text('mongo'),
    redis: stack.text('redis'),
    kafka: stack.texts('kafka'),
    mailUrl: stack.text('mailUrl'),
    smsUrl: stack.text('smsUrl'),
    providerUrl: stack.text('providerUrl'),
  };
}
