import type { Visitor } from './shop';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

interface Operation {
  security: Record<string, string[]>[];
  'x-permission'?: string;
}

type OpenApi = { paths: Record<string, Partial<Record<(typeof METHODS)[number], Operation>>> };

/** A route as the running server publishes it. */
export interface Route {
  method: string;
  path: string;
  /** What it asks for; undefined when it is for anyone. */
  permission: string | undefined;
  isPublic: boolean;
  /** Lets guests by who show no bearer token. */
  takesGuests: boolean;
}

/** Every route there is: a new one is in it by itself. */
export async function routeTable(visitor: Visitor): Promise<Route[]> {
  const { paths } = await visitor.get<OpenApi>('/docs-json');
  return Object.entries(paths).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = operations[method];
      if (!operation) return [];
      return [
        {
          method: method.toUpperCase(),
          path,
          permission: operation['x-permission'],
          isPublic: operation.security.length === 0,
          takesGuests: operation.security.some((scheme) => 'cartToken' in scheme),
        },
      ];
    }),
  );
}

/** The route's path with its parameters filled in, each by its name. */
export function filled(route: Route, valueOf: (name: string) => string): string {
  return route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueOf(name));
}

/** What a visitor is answered. */
export async function statusOf(visitor: Visitor, route: Route, path: string, body: object = {}): Promise<number> {
  const hasBody = route.method !== 'GET' && route.method !== 'DELETE';
  const response = await fetch(`${visitor.baseUrl}${path}`, {
    method: route.method,
    headers: {
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(visitor.token ? { authorization: `Bearer ${visitor.token}` } : {}),
    },
    body: hasBody ? JSON.stringify(body) : null,
  });
  await response.body?.cancel();
  return response.status;
}
