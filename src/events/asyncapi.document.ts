import { EVENTS, type EventType } from './catalogue';
import { namedSchemas } from './payload.schemas';
import { deadLetterTopic, PARTITIONS, RETENTION_MS, TOPICS, type Topic } from './topics';

const SCHEMAS = '#/components/schemas/';
const MESSAGES = '#/components/messages/';
const DAYS = RETENTION_MS / 86_400_000;

/** CloudEvents 1.0 in structured mode: see `envelope.ts`. */
const ENVELOPE = {
  type: 'object',
  required: ['specversion', 'id', 'type', 'source', 'subject', 'time', 'datacontenttype', 'dataschema', 'sequence'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', format: 'uuid', description: 'The same event has it in every copy: whoever saw it is done.' },
    type: { type: 'string' },
    source: { type: 'string', format: 'uri-reference' },
    subject: { type: 'string', description: "The aggregate's id." },
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { const: 'application/json' },
    dataschema: { type: 'string', description: "Ends in the payload's major version: within one, only additions." },
    sequence: { type: 'string', pattern: '^\\d{20}$', description: 'Rises within one subject.' },
    orderid: { type: 'string', format: 'uuid' },
    causationid: { type: 'string', description: 'The event or request that led to this one.' },
  },
};

const typesOn = (topic: Topic): EventType[] => {
  const types: EventType[] = [];
  let type: EventType;
  for (type in EVENTS) if (EVENTS[type].topic === topic) types.push(type);
  return types;
};

function message(type: EventType): object {
  const { payload, key, version } = EVENTS[type];
  return {
    name: type,
    title: `${type}, version ${version}`,
    contentType: 'application/cloudevents+json',
    headers: { type: 'object', properties: { traceparent: { type: 'string', description: 'W3C Trace Context.' } } },
    payload: {
      allOf: [
        { $ref: `${SCHEMAS}CloudEvent` },
        {
          type: 'object',
          required: ['data'],
          properties: { type: { const: type }, data: { $ref: `${SCHEMAS}${payload.name}` } },
        },
      ],
    },
    bindings: { kafka: { key: { type: 'string', description: key === 'order' ? "The order's id." : 'The subject.' } } },
  };
}

function channel(topic: Topic): object {
  return {
    address: topic,
    description: `Kept for ${DAYS} days. What a group gave up goes to ${deadLetterTopic(topic)}.`,
    messages: Object.fromEntries(typesOn(topic).map((type) => [type, { $ref: `${MESSAGES}${type}` }])),
    bindings: { kafka: { topic, partitions: PARTITIONS } },
  };
}

/** The events of the shop as AsyncAPI 3, from the classes they are checked against. */
export function buildAsyncApi(): object {
  const topics = Object.values(TOPICS);
  let type: EventType;
  const messages: Record<string, object> = {};
  for (type in EVENTS) messages[type] = message(type);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Events of Tradepost',
      version: '1',
      description:
        'Each at least once, in order within one key. They are written with what they tell of, in one transaction.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(topics.map((topic) => [topic, channel(topic)])),
    operations: Object.fromEntries(
      topics.map((topic) => [`send-${topic}`, { action: 'send', channel: { $ref: `#/channels/${topic}` } }]),
    ),
    components: { messages, schemas: { CloudEvent: ENVELOPE, ...namedSchemas(SCHEMAS) } },
  };
}
