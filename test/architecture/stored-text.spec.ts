import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { AppModule } from '../../src/app.module';
import { isObject, operationsOf, under, type Json } from '../../src/http/openapi/json';
import { ROOT } from './planted-tree';

const MARKUP = '<b>Red</b> mug<script>alert(1)</script>';
const CLEAN = 'Red mug';

/** Taken as they are: they are never shown, or have a form of their own that holds no `<`. */
const NO_TEXT = new Set([
  'password',
  'code',
  'token',
  'refreshToken',
  'challengeToken',
  'slug',
  'phone',
  'amount',
  'currency',
  'email',
  'since',
]);

type Class = Type<object>;

const isClass = (value: unknown): value is Class => typeof value === 'function';

/** `body` of each handler of each controller, by the name its schema has in the document. */
function bodyClasses(): Map<string, Class> {
  const classes = new Map<string, Class>();
  const seen = new Set<unknown>();
  const visit = (module: unknown): void => {
    const target: unknown = isObject(module) && 'module' in module ? module['module'] : module;
    if (!isClass(target) || seen.has(target)) return;
    seen.add(target);
    const controllers: unknown[] = Reflect.getMetadata('controllers', target) ?? [];
    for (const controller of controllers.filter(isClass)) collect(controller, classes);
    const imports: unknown[] = Reflect.getMetadata('imports', target) ?? [];
    imports.forEach(visit);
  };
  visit(AppModule);
  return classes;
}

function collect(controller: Class, classes: Map<string, Class>): void {
  const prototype: unknown = controller.prototype;
  if (!isObject(prototype)) return;
  for (const method of Object.getOwnPropertyNames(prototype)) {
    const types: unknown[] = Reflect.getMetadata('design:paramtypes', prototype, method) ?? [];
    for (const type of types.filter(isClass)) {
      if (type.name.endsWith('Dto')) classes.set(type.name.replace(/Dto$/, ''), type);
    }
  }
}

function mayBeText(property: Json): boolean {
  const types = [property['type']].flat();
  const isFree = property['enum'] === undefined && property['format'] === undefined;
  return types.includes('string') && isFree;
}

describe('every text that a request may bring', () => {
  const document: unknown = JSON.parse(readFileSync(join(ROOT, 'clients/openapi.json'), 'utf8'));
  if (!isObject(document)) throw new Error('not a document');
  const schemas = under(under(document, 'components'), 'schemas');
  const classes = bodyClasses();
  const names = new Set(
    operationsOf(document).flatMap(({ operation }) => {
      const text = JSON.stringify(operation['requestBody'] ?? {});
      return [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = '']) => name);
    }),
  );
  const fields = [...names].flatMap((name) => {
    const schema = schemas[name];
    const properties = isObject(schema) ? under(schema, 'properties') : {};
    return Object.entries(properties).flatMap(([field, property]): [string, string][] =>
      isObject(property) && mayBeText(property) && !NO_TEXT.has(field) ? [[name, field]] : [],
    );
  });

  it('is found', () => {
    const found = fields.map(([name, field]) => `${name}.${field}`);
    expect(found).toEqual(
      expect.arrayContaining([
        'Register.name',
        'CreateAddress.street',
        'NewProduct.description',
        'EditProduct.name',
        'ShipOrder.carrier',
        'CancelOrder.reason',
        'CreateRefund.reason',
        'NewApiKey.name',
        'NewWebhook.description',
        'DescribeImage.alt',
        'NewCategory.name',
        'AdjustInventory.reason',
      ]),
    );
  });

  it.each(fields)('is cleaned of markup, or refused with it: %s.%s', (name, field) => {
    const target = classes.get(name);
    if (!target) throw new Error(`${name} is no class of a handler's body`);
    const body = plainToInstance(target, { [field]: MARKUP });
    const value: unknown = Reflect.get(body, field);
    const refused = validateSync(body).some(
      ({ property, constraints }) => property === field && constraints?.['noMarkup'],
    );
    expect(refused ? 'refused' : value).toBe(refused ? 'refused' : CLEAN);
  });

  it('is cleaned in attributes too', () => {
    const target = classes.get('EditProduct');
    const body: object = target ? plainToInstance(target, { attributes: { colour: MARKUP } }) : {};
    expect(body).toMatchObject({ attributes: { colour: CLEAN } });
  });
});
