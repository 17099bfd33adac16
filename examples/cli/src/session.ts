import { mkdir } from 'node:fs/promises';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { EstateScanner } from 'cloudops-estate-scanner';
import { MiniLmEmbedder } from 'cloudops-estate-scanner/embedder';
import {
  httpTransport,
  RequestBuilder,
  type BuilderEventHandler,
  type Transport,
} from 'cloudops-request-builder';
import { fileKey, StorageService } from 'cloudops-storage-service';
import { awsEnvironment } from './aws-environment.ts';
import { CliError } from './cli-error.ts';
import { historyWriter } from './history.ts';
import { prepareHome } from './home.ts';
import type { Settings } from './settings.ts';

const NO_SERVER: Transport = {
  send: () =>
    Promise.reject(
      new CliError(
        'environment',
        'No server is configured.',
        'Set CLOUDOPS_SERVER_URL and CLOUDOPS_SERVER_TOKEN, or pass --server.',
      ),
    ),
};

/** The parts a command works with, each opened when it is first asked for; `close` ends them all. */
export class Session {
  readonly settings: Settings;
  #engine: ExecutionEngine | null = null;
  #embedder: MiniLmEmbedder | null = null;
  #storage: Promise<StorageService> | null = null;

  private constructor(settings: Settings) {
    this.settings = settings;
  }

  /** @throws CliError `environment` where the home folder cannot be used */
  static async open(settings: Settings): Promise<Session> {
    await prepareHome(settings.home);
    await mkdir(settings.home.logs, { recursive: true, mode: 0o700 });
    return new Session(settings);
  }

  /** Runs commands, with the AWS configuration of this process. */
  get engine(): ExecutionEngine {
    this.#engine ??= new ExecutionEngine({
      logDir: this.settings.home.logs,
      awsCli: awsEnvironment(this.settings.env, this.settings.profile),
    }).withEventHandler(historyWriter(this.settings.home.history));
    return this.#engine;
  }

  /** Makes vectors; the model is loaded when it is first used. */
  get embedder(): MiniLmEmbedder {
    this.#embedder ??= new MiniLmEmbedder();
    return this.#embedder;
  }

  /** The store; made where there is none, with a key of its own beside it. */
  storage(): Promise<StorageService> {
    this.#storage ??= StorageService.open({
      backend: { kind: 'embedded', path: this.settings.home.store },
      keys: fileKey(this.settings.home.key),
      embedder: this.embedder,
    });
    return this.#storage;
  }

  /**
   * A scanner into the store.
   *
   * @param embeds whether resources get vectors
   */
  async scanner(embeds: boolean): Promise<EstateScanner> {
    const { env, endpointUrl } = awsEnvironment(this.settings.env, this.settings.profile);
    const { profile, regions } = this.settings;
    const { estate } = await this.storage();
    return new EstateScanner({
      engine: this.engine,
      store: estate,
      ...(embeds ? { embedder: this.embedder } : {}),
      iam: {
        ...(profile === undefined ? {} : { profile }),
        ...(endpointUrl === null ? {} : { endpoint: endpointUrl }),
      },
      defaults: {
        ...(regions === undefined ? {} : { regions: [...regions] }),
        fallbackRegions: [env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1'],
      },
    });
  }

  /** A builder on all the parts, for the server of the settings; without a server it can run what was saved. */
  async builder(onEvent: BuilderEventHandler): Promise<RequestBuilder> {
    const { server, home } = this.settings;
    return new RequestBuilder({
      storage: await this.storage(),
      engine: this.engine,
      scanner: await this.scanner(true),
      transport: server === null ? NO_SERVER : httpTransport(server),
      journalPath: home.journal,
      client: 'cloudops-example-cli',
      onEvent,
    });
  }

  /** Ends what runs and closes what is open. */
  async close(): Promise<void> {
    await this.#engine?.close({ mode: 'kill' });
    await this.#embedder?.close();
    // A store that did not open has been reported where it was asked for.
    const storage = await this.#storage?.catch(() => null);
    await storage?.close();
  }
}
