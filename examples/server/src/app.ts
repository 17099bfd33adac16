import { Hono } from 'hono';
import { bearerAuth } from 'hono/bearer-auth';
import { bodyLimit } from 'hono/body-limit';
import {
  CAPABILITIES_PATH,
  openApiDocument,
  PLAYBOOKS_PATH,
  PROTOCOL_VERSION,
  type Capabilities,
} from 'cloudops-request-builder/protocol';
import { cancelRequest, followRequest } from './one-request.ts';
import { answerPlaybookRequest, type PlaybookContext } from './playbooks.ts';
import { problemResponse } from './problem.ts';

/** What the HTTP surface needs; {@link createServer} fills in the rest. */
export interface AppOptions extends PlaybookContext {
  /** The bearer token every request to `/v1` must carry. */
  token: string;
  /** Largest request body, in bytes. */
  maxBodyBytes: number;
}

const UNAUTHORIZED = () =>
  problemResponse({
    status: 401,
    code: 'UNAUTHORIZED',
    detail: 'Send the server’s token as "Authorization: Bearer TOKEN".',
  });

/** The routes of the wire protocol v1, `GET /openapi.json` with their description, and `GET /healthz`. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  app.get('/healthz', (c) => c.json({ status: 'ok', protocol: PROTOCOL_VERSION }));
  app.get(CAPABILITIES_PATH, (c) => c.json(capabilitiesOf(options)));
  app.all(CAPABILITIES_PATH, () => notAllowed('Capabilities are read with GET.', 'GET'));
  app.get('/openapi.json', (c) => c.json(openApiDocument()));
  app.use(
    '/v1/*',
    bearerAuth({
      token: options.token,
      noAuthenticationHeader: { message: UNAUTHORIZED },
      invalidAuthenticationHeader: { message: UNAUTHORIZED },
      invalidToken: { message: UNAUTHORIZED },
    }),
  );
  app.use(
    '/v1/*',
    bodyLimit({
      maxSize: options.maxBodyBytes,
      onError: () =>
        problemResponse({
          status: 413,
          code: 'REQUEST_TOO_LARGE',
          detail: `The request is larger than ${options.maxBodyBytes} bytes; send fewer resources.`,
        }),
    }),
  );
  const one = `${PLAYBOOKS_PATH}/:requestId`;
  app.post(PLAYBOOKS_PATH, (c) => answerPlaybookRequest(c.req.raw, options));
  app.all(PLAYBOOKS_PATH, () => notAllowed('Playbooks are asked for with POST.', 'POST'));
  app.get(one, (c) => followRequest(c.req.param('requestId'), c.req.raw.headers, options));
  app.delete(one, (c) => cancelRequest(c.req.param('requestId'), options));
  app.all(one, () =>
    notAllowed('A request is followed with GET, or cancelled with DELETE.', 'GET, DELETE'),
  );
  app.notFound((c) =>
    problemResponse({
      status: 404,
      code: 'NOT_FOUND',
      detail: `There is nothing at ${c.req.path}; see GET /openapi.json.`,
    }),
  );
  app.onError((error) => {
    // The middlewares refuse with an error that carries its own response.
    if ('getResponse' in error && typeof error.getResponse === 'function') {
      const response: unknown = error.getResponse();
      if (response instanceof Response) return response;
    }
    return problemResponse({
      status: 500,
      code: 'INTERNAL',
      detail: 'The server failed on this request; sending it again may work.',
      retryable: true,
    });
  });
  return app;
}

function capabilitiesOf({ maxBodyBytes }: AppOptions): Capabilities {
  return {
    schema: 'capabilities/v1',
    protocols: [PROTOCOL_VERSION],
    server: 'cloudops-example-server',
    streaming: true,
    cancel: true,
    max_request_bytes: maxBodyBytes,
  };
}

function notAllowed(detail: string, allow: string): Response {
  const refused = problemResponse({ status: 405, code: 'METHOD_NOT_ALLOWED', detail });
  refused.headers.set('allow', allow);
  return refused;
}
