import { isObject, objectsIn, textsIn, under, type Json } from './openapi/json';
import { escaped, formatted, pageOf } from './problems.view';

const nameOf = (reference: unknown): string => String(reference).split('/').at(-1) ?? '';

/** The type of a field in one word or a few; what has a name of its own is led to. */
function typeOf(schema: unknown): string {
  if (!isObject(schema)) return '';
  if (typeof schema['$ref'] === 'string') {
    const name = escaped(nameOf(schema['$ref']));
    return `<a href="#${name}">${name}</a>`;
  }
  if (schema['type'] === 'array') return `list of ${typeOf(schema['items'])}`;
  const types = textsIn(Array.isArray(schema['type']) ? schema['type'] : [schema['type'] ?? 'text']).join(' or ');
  const format = typeof schema['format'] === 'string' ? ` (${schema['format']})` : '';
  return escaped(`${types}${format}`);
}

function fieldsOf(schema: Json): string {
  const required = textsIn(schema['required']);
  const rows = Object.entries(under(schema, 'properties')).map(([name, field]) => {
    const said = isObject(field) && typeof field['description'] === 'string' ? formatted(field['description']) : '';
    const may = required.includes(name) ? '' : ' <i>may be left out</i>';
    return `<tr><td><code>${escaped(name)}</code></td><td>${typeOf(field)}${may}</td><td>${said}</td></tr>`;
  });
  return `<table><tbody>${rows.join('\n')}</tbody></table>`;
}

/** Name of an event's payload: the last part of its envelope names it. */
function payloadOf(message: Json): string {
  const [, own] = objectsIn(under(message, 'payload')['allOf']);
  return own ? nameOf(under(under(own, 'properties'), 'data')['$ref']) : '';
}

/** The events for people: topics, then what is in each event. */
export function eventsPage(document: object): string {
  const whole: Json = structuredClone({ ...document });
  const components = under(whole, 'components');
  const messages = under(components, 'messages');
  const topics = Object.entries(under(whole, 'channels')).map(([topic, channel]) => {
    if (!isObject(channel)) return '';
    const rows = Object.keys(under(channel, 'messages')).map((type) => {
      const payload = escaped(payloadOf(under(messages, type)));
      return `<tr id="${type}"><td><code>${type}</code></td><td><a href="#${payload}">${payload}</a></td></tr>`;
    });
    return `<h2 id="${topic}">${topic}</h2><p>${formatted(String(channel['description']))}</p><table><tbody>${rows.join('\n')}</tbody></table>`;
  });
  const schemas = Object.entries(under(components, 'schemas')).map(([name, schema]) =>
    isObject(schema) ? `<h3 id="${escaped(name)}">${escaped(name)}</h3>${fieldsOf(schema)}` : '',
  );
  return pageOf(
    'Events of Tradepost',
    `<h1>Events</h1><p>${formatted(String(under(whole, 'info')['description']))} Each is a
<a href="#CloudEvent">CloudEvent</a> whose <code>data</code> is what stands beside its type. Programs read this page as
<a href="https://www.asyncapi.com/docs/reference/specification/v3.0.0">AsyncAPI 3</a>. <a href="/docs">The API</a></p>
${topics.join('\n')}<h2>What is in them</h2>${schemas.join('\n')}`,
  );
}
