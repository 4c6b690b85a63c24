import Fastify, { LogController } from 'fastify';
import { fastifySSE } from '@fastify/sse';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiKey } from '../core/api-keys.ts';
import type { FailureCode } from '../core/errors.ts';
import type { Clock, Ids } from '../core/ids.ts';
import type { Attachments } from '../dialects/omitted.ts';
import type { Seals } from '../dialects/responses/seals.ts';
import type { Models } from '../core/models.ts';
import type { TurnObserver } from '../core/turn-report.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { StateSource } from '../observe/state-source.ts';
import type { Store } from '../store/store.ts';
import { registerApiKeys } from './plugins/api-keys.ts';
import { registerBodyParser } from './plugins/body-parser.ts';
import { answerClientError, answerFrameworkError, registerErrors } from './plugins/errors.ts';
import { registerHostCheck } from './plugins/host-check.ts';
import { registerKeyLimits } from './plugins/key-limits.ts';
import { registerOriginCheck } from './plugins/origin-check.ts';
import { registerRequestLog } from './plugins/request-log.ts';
import { createBackground } from './background.ts';
import { createDepartures } from './departures.ts';
import { createKeptResponses } from './kept-responses.ts';
import { createKeyLimits } from './key-limits.ts';
import type { LimitName } from './key-limits.ts';
import { createKeyring } from './keyring.ts';
import { trackRequests } from './open-requests.ts';
import { openResponseRequest } from './open-response.ts';
import type { Recorder } from '../recording/recorder.ts';
import { tellOfRequest } from './request-metrics.ts';
import type { RequestObserver } from './request-metrics.ts';
import { chatOpener, chatRoutes } from './routes/chat.ts';
import { conversationsRoutes } from './routes/conversations.ts';
import { completionsRoutes } from './routes/completions.ts';
import { inputItemsRoutes } from './routes/input-items.ts';
import { gatewayStateRoutes } from './routes/gateway-state.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';
import type { MetricsPage } from './routes/metrics.ts';
import { modelRoutes } from './routes/models.ts';
import { pageRoutes } from './routes/page.ts';
import type { PageFiles } from './routes/page.ts';
import { prefillRoutes } from './routes/prefill.ts';
import { responseSockets } from './routes/response-sockets.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { responsesRoutes } from './routes/responses.ts';
import { storedCompletionsRoutes } from './routes/stored-completions.ts';
import { storedResponsesRoutes } from './routes/stored-responses.ts';

export type ServerOptions = {
  readonly gateway: Gateway;
  readonly models: Models;
  /** Absent or null: nothing is kept. */
  readonly store?: Store | null;
  readonly seals: Seals;
  readonly attachments: Attachments;
  /** Absent: there is no page at `/`. */
  readonly page?: PageFiles;
  /** What the gateway is doing. */
  readonly state: StateSource;
  /** The gateway's own, for /healthz and /openapi.json. */
  readonly version: string;
  /** Says in `x-codexpc-backend` who answers. */
  readonly backendName: string;
  /** For /readyz: rejects when the backend doesn't answer. */
  readonly checkHealth: (signal: AbortSignal) => Promise<void>;
  readonly logger: FastifyBaseLogger;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Are told of every turn. */
  readonly observers: readonly TurnObserver[];
  /** Records turns whole; absent: nothing is recorded. */
  readonly recorder?: Recorder | undefined;
  /** Counts requests and errors, and prints all that is counted at /metrics; absent or null: nothing is counted. */
  readonly metrics?: ServerMetrics | null;
  /** Bearer keys of which a client must bring one; none: the server is open. */
  readonly apiKeys: readonly ApiKey[];
  /** Names beside loopback ones that a Host header may carry. */
  readonly allowedHosts: readonly string[];
  /** Largest request body in bytes. */
  readonly bodyLimit: number;
  /** Milliseconds a client may take to send its headers, and its whole request. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** Milliseconds between signs of life on a silent stream. */
  readonly keepAliveInterval: number;
  /** Milliseconds a streaming client may leave unread what it was sent. */
  readonly stallTimeout: number;
  /** Whether chat completions show what the model thought; absent: they do. */
  readonly chatReasoning?: boolean;
  /** Whether responses may be asked for over WebSockets. */
  readonly webSockets: boolean;
};

type ServerMetrics = MetricsPage &
  RequestObserver & { refused(code: FailureCode): void; limited(key: string, limit: LimitName): void };

export type Server = {
  readonly fastify: FastifyInstance;
  /** Asks for these keys from now on, by these limits. What runs goes on, also where its key is not among them. */
  useKeys(keys: readonly ApiKey[]): void;
  /** Stops accepting, lets running answers end within `timeout` ms, then fails them; resolves when all is closed. */
  shutDown(timeout: number): Promise<void>;
};

/** Milliseconds by which a client may overrun `headersTimeout` and `requestTimeout`; Node's own precision is 30 s. */
const timeoutPrecision = 1000;

/** Milliseconds that a client whose answer was broken off at shutdown may take to read so. */
const farewell = 1000;

/** The HTTP side of the gateway. It listens nowhere yet. */
export function buildServer(options: ServerOptions): Server {
  const { logger, ids, backendName, metrics = null, store = null, seals, attachments } = options;
  const fastify = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    bodyLimit: options.bodyLimit,
    requestTimeout: options.requestTimeout,
    genReqId: () => ids.next('req'),
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    http: {
      headersTimeout: options.headersTimeout,
      connectionsCheckingInterval: Math.min(timeoutPrecision, options.headersTimeout, options.requestTimeout),
    },
  });
  const departures = createDepartures();
  const logged = new WeakSet<FastifyRequest>();

  fastify.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'x-codexpc-backend': backendName });
  });
  const requests = trackRequests(fastify, departures, (reply) => {
    if (metrics !== null) tellOfRequest(metrics, reply);
  });
  registerErrors(fastify, (error) => metrics?.refused(error.code));
  const keyring = createKeyring(options.apiKeys);
  registerHostCheck(fastify, keyring, options);
  const keyOf = registerApiKeys(fastify, keyring);
  registerOriginCheck(fastify, options);
  const keyLimits = createKeyLimits({
    clock: options.clock,
    refused: ({ name }, limit) => metrics?.limited(name, limit),
  });
  registerKeyLimits(fastify, keyLimits, keyOf);
  registerBodyParser(fastify, options);
  registerRequestLog(fastify, logged);
  // Heartbeats are the writer's own: this plugin's are comments, which don't reset Codex's idle timer.
  void fastify.register(fastifySSE, { heartbeatInterval: 0, serializer: String });

  const observers = [keyLimits, ...options.observers];
  const answering = {
    gateway: options.gateway,
    clock: options.clock,
    requests,
    logged,
    observers,
    keyOf,
    keyLimits,
    recorder: options.recorder,
    stream: { keepAliveInterval: options.keepAliveInterval, stallTimeout: options.stallTimeout },
  };
  const background = store === null ? null : createBackground({ ...options, store, observers, keyLimits });
  const kept = store === null || background === null ? null : createKeptResponses({ ...options, store, background });
  // Nobody can ask for what a dead gateway left behind before it has an end.
  fastify.addHook('onReady', async () => kept?.recover());
  const sockets = options.webSockets
    ? responseSockets(fastify, { ...options, ...answering, departures, keyring, store })
    : null;
  // Routes come after the SSE plugin, whose onRoute hook must see them.
  void fastify.register(async (scope) => {
    responsesRoutes(scope, { ...answering, ids, store, seals, attachments, background, models: options.models });
    storedResponsesRoutes(scope, { kept, seals, stream: answering.stream });
    inputItemsRoutes(scope, { store, seals });
    conversationsRoutes(scope, { store, seals, ids, clock: options.clock });
    const showsReasoning = options.chatReasoning ?? true;
    chatRoutes(scope, { ...answering, ids, store, attachments, showsReasoning });
    storedCompletionsRoutes(scope, { store });
    completionsRoutes(scope, { ...answering, ids });
    modelRoutes(scope, options);
    healthRoutes(scope, options);
    openApiRoutes(scope, { version: options.version, isSecured: () => !keyring.isOpen() });
    if (metrics !== null) metricsRoutes(scope, metrics);
    const opening = { ids, clock: options.clock, store, seals, attachments };
    prefillRoutes(scope, {
      gateway: options.gateway,
      openers: {
        responses: (body) => openResponseRequest(opening, body),
        chat: chatOpener({ ...opening, showsReasoning }),
      },
    });
    gatewayStateRoutes(scope, options);
    if (options.page !== undefined) pageRoutes(scope, { page: options.page });
  });

  return {
    fastify,
    useKeys: keyring.replace,
    async shutDown(timeout) {
      const closed = fastify.close();
      let timer: NodeJS.Timeout;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          departures.dismissAll();
          background?.stop();
          timer = setTimeout(resolve, farewell);
        }, timeout);
      });
      await Promise.race([Promise.all([requests.none(), background?.none()]), late]);
      clearTimeout(timer!);
      // What was being made apart from its client has an end in the store before the process may.
      background?.stop();
      await background?.none();
      // What is still open has asked for nothing, or doesn't read; who comes in now comes too late.
      fastify.server.on('connection', (socket) => socket.destroy());
      fastify.server.closeAllConnections();
      sockets?.terminate();
      await closed;
    },
  };
}
