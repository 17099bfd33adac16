import { CAPABILITIES_PATH } from './capabilities.ts';
import type { Json } from './json.ts';
import { openApiSchemas } from './openapi-schemas.ts';
import { PLAYBOOK_MEDIA_TYPE, PLAYBOOKS_PATH, PROBLEM_MEDIA_TYPE } from './planner.ts';
import { PROTOCOL_VERSION } from './request.ts';
import { EVENT_STREAM_MEDIA_TYPE } from './stream-event.ts';

/**
 * The wire protocol as an OpenAPI 3.1 document, for whoever writes a server or tests one. It is published as `cloudops-request-builder/openapi.json`.
 *
 * https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(): Record<string, Json> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'CloudOps playbook server',
      version: PROTOCOL_VERSION,
      description:
        'Turns a request with a message and resources into a playbook, or into a question.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'Any base URL; the paths are below it.' }],
    tags: [{ name: 'playbooks' }, { name: 'server' }],
    security: [{ bearer: [] }],
    paths: {
      [PLAYBOOKS_PATH]: { post: planOperation },
      [`${PLAYBOOKS_PATH}/{request_id}`]: {
        parameters: [requestId],
        get: followOperation,
        delete: cancelOperation,
      },
      [CAPABILITIES_PATH]: { get: capabilitiesOperation },
    },
    components: {
      schemas: openApiSchemas(),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function schemaRef(name: string): Json {
  return { schema: { $ref: `#/components/schemas/${name}` } };
}

function problems(statuses: Readonly<Record<string, string>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(statuses).map(([status, description]) => [
      status,
      { description, content: { [PROBLEM_MEDIA_TYPE]: schemaRef('Problem') } },
    ]),
  );
}

const requestId: Json = {
  name: 'request_id',
  in: 'path',
  required: true,
  description: 'The request_id of a request that was sent with the same credentials.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$' },
};

const replyContent: Json = {
  [PLAYBOOK_MEDIA_TYPE]: {
    schema: {
      oneOf: [
        { $ref: '#/components/schemas/Playbook' },
        { $ref: '#/components/schemas/Clarification' },
      ],
    },
  },
};

/** OpenAPI 3.1 has no schema for a sequence of events. */
const streamContent: Json = { [EVENT_STREAM_MEDIA_TYPE]: {} };
const streamDescription =
  'In a stream, the name of each event is the member event of a StreamEvent, and its data the member data as JSON; its id counts from 1.';

const planOperation: Json = {
  operationId: 'plan',
  tags: ['playbooks'],
  summary: 'Ask for a playbook',
  parameters: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: true,
      description: 'The same for every attempt to send one request.',
      schema: { type: 'string', minLength: 1, maxLength: 200 },
    },
    {
      name: 'traceparent',
      in: 'header',
      required: false,
      description: 'W3C trace context.',
      schema: { type: 'string' },
    },
  ],
  requestBody: { required: true, content: { 'application/json': schemaRef('PlaybookRequest') } },
  responses: {
    '200': {
      description: `A playbook or a clarification, or the stream that brings one. ${streamDescription}`,
      content: { ...replyContent, ...streamContent },
    },
    ...problems({
      '400': 'No JSON, not a request of this protocol, or no Idempotency-Key',
      '401': 'No token, or a wrong one',
      '403': 'The token does not suffice',
      '406': 'Nothing that the client accepts',
      '409': 'IN_FLIGHT: the request with this key is still being worked on',
      '413': 'Larger than max_request_bytes',
      '415': 'Not application/json',
      '422': 'The key came with another body before',
      '429': 'Too many requests; Retry-After says when',
      '500': 'The planner failed',
      '503': 'Busy; Retry-After says when',
    }),
  },
};

const followOperation: Json = {
  operationId: 'follow',
  tags: ['playbooks'],
  summary: 'Read the stream of a request on',
  parameters: [
    {
      name: 'Last-Event-ID',
      in: 'header',
      required: false,
      description: 'The events behind this one are wanted; absent: all.',
      schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
    },
  ],
  responses: {
    '200': {
      description: `The rest of the stream, or the reply itself. ${streamDescription}`,
      content: { ...replyContent, ...streamContent },
    },
    ...problems({
      '400': 'Last-Event-ID is no number',
      '401': 'No token, or a wrong one',
      '404': 'No such request, or no longer',
      '406': 'Nothing that the client accepts',
    }),
  },
};

const cancelOperation: Json = {
  operationId: 'cancel',
  tags: ['playbooks'],
  summary: 'Tell that nobody waits for a request any more',
  responses: {
    '204': { description: 'The work on it has ended, or will.' },
    ...problems({ '401': 'No token, or a wrong one', '404': 'No such request, or no longer' }),
  },
};

const capabilitiesOperation: Json = {
  operationId: 'capabilities',
  tags: ['server'],
  summary: 'What this server can do',
  security: [],
  responses: {
    '200': {
      description: 'Versions and features.',
      content: { 'application/json': schemaRef('Capabilities') },
    },
  },
};
