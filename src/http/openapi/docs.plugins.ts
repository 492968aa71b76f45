/*
 * Plugins of Swagger UI. They run in the browser: @nestjs/swagger sends the text of each function, which therefore uses
 * nothing but its parameters. What Swagger UI hands them are Immutable's maps and lists.
 */

interface ImmutableMap {
  get(key: string): unknown;
  getIn(path: readonly string[]): unknown;
}

interface Groups {
  map(change: (group: Group, tag: string) => Group): Groups;
  filter(isKept: (group: Group) => boolean): Groups;
}

interface Group {
  update(key: 'operations', change: (operations: Operations) => Operations): Group;
  get(key: 'operations'): Operations;
}

interface Operations {
  readonly size: number;
  filter(isKept: (operation: ImmutableMap) => boolean): Operations;
}

interface Plugin {
  fn: Readonly<Record<string, unknown>>;
}

/** The filter box: by itself it knows the names of groups alone. */
export function wholeFilter(): Plugin {
  return {
    fn: {
      opsFilter: (groups: Groups, phrase: string): Groups => {
        const wanted = phrase.trim().toLowerCase();
        const tells = (text: unknown): boolean => String(text).toLowerCase().includes(wanted);
        return groups
          .map((group, tag) =>
            tells(tag)
              ? group
              : group.update('operations', (operations) =>
                  operations.filter(
                    (operation) =>
                      tells(`${String(operation.get('method'))} ${String(operation.get('path'))}`) ||
                      tells(operation.getIn(['operation', 'summary'])) ||
                      tells(operation.getIn(['operation', 'operationId'])),
                  ),
                ),
          )
          .filter((group) => group.get('operations').size > 0);
      },
    },
  };
}

interface Request {
  get(key: 'url' | 'method'): string;
  get(key: 'headers'): { toJS(): Record<string, string> } | undefined;
  get(key: 'body'): unknown;
}

/** The request as JavaScript sends it; what is no text is a file, which a snippet has not. */
export function javascriptSnippets(): Plugin {
  return {
    fn: {
      requestSnippetGenerator_javascript: (request: Request): string => {
        const body = request.get('body');
        const options = {
          method: request.get('method'),
          headers: request.get('headers')?.toJS() ?? {},
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : '…' }),
        };
        const url = JSON.stringify(request.get('url'));
        return `const response = await fetch(${url}, ${JSON.stringify(options, null, 2)});\nconsole.log(response.status, await response.json());`;
      },
    },
  };
}
