/** The document is read and finished as plain JSON: what a decorator adds to it has no type. */
export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object under this key, made when there is none. */
export function under(parent: Json, key: string): Json {
  const present = parent[key];
  if (isObject(present)) return present;
  const made: Json = {};
  parent[key] = made;
  return made;
}

/** The first of a list, of whatever kind; undefined when it is none. */
export function firstIn(value: unknown): unknown {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items[0];
}

export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

export function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Visits each object in it, the outer ones first. */
export function visit(value: unknown, look: (found: Json) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, look);
  if (!isObject(value)) return;
  look(value);
  for (const inner of Object.values(value)) visit(inner, look);
}

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

export interface Operation {
  path: string;
  method: string;
  operation: Json;
}

export function operationsOf(document: Json): Operation[] {
  return Object.entries(under(document, 'paths')).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = isObject(item) ? item[method] : undefined;
      return isObject(operation) ? [{ path, method, operation }] : [];
    }),
  );
}
