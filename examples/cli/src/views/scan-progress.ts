import type { ScanEvent } from 'cloudops-estate-scanner';
import { startStatusLine, type StatusLine } from '../terminal/status-line.ts';
import type { Screen } from '../terminal/screen.ts';

type Scope = { region: string; service: string };
type ScopeState = { status: string; resources: number; durationMs: number };

/** Shows a scan while it runs: live per region and service on a rich screen, a line per finished scope elsewhere. */
export class ScanProgress {
  readonly #screen: Screen;
  readonly #title: string;
  readonly #regions = new Map<string, Map<string, ScopeState>>();
  #status: StatusLine | null = null;
  #done = 0;
  #total = 0;
  #resources = 0;

  /** @param title what is going on, like `Scanning` */
  constructor(screen: Screen, title = 'Scanning') {
    this.#screen = screen;
    this.#title = title;
  }

  /** Takes the events of one scan; pass it as `onEvent`. */
  readonly onEvent = (event: ScanEvent): void => {
    switch (event.type) {
      case 'scan_started':
        this.#total = event.scopes.length;
        for (const scope of event.scopes) this.#set(scope, 'waiting', 0, 0);
        this.#status = startStatusLine(this.#screen, this.#text());
        break;
      case 'scope_started':
        this.#set(event, 'running', 0, 0);
        break;
      case 'scope_completed':
        this.#set(event, event.status, event.resources, event.duration_ms);
        if (!this.#screen.isRich) this.#screen.line(scopeLine(event));
        break;
      case 'progress':
        this.#done = event.completed;
        this.#total = event.total;
        this.#resources = event.resources;
        break;
      case 'resource':
      case 'error':
        break;
      case 'scan_completed':
        this.close();
        return;
    }
    this.#status?.update(this.#text());
  };

  /** Takes the live part away and leaves what is done; safe to call at any time, more than once. */
  close(): void {
    if (this.#status === null) return;
    this.#status.clear();
    this.#status = null;
    if (!this.#screen.isRich) return;
    for (const line of this.#lines()) this.#screen.line(line);
  }

  #set(scope: Scope, status: string, resources: number, durationMs: number): void {
    const services = this.#regions.get(scope.region) ?? new Map<string, ScopeState>();
    services.set(scope.service, { status, resources, durationMs });
    this.#regions.set(scope.region, services);
  }

  #text(): string {
    const head = `${this.#title} ${this.#done}/${this.#total} · ${this.#resources} resources`;
    return [head, ...this.#lines()].join('\n');
  }

  #lines(): string[] {
    const width = Math.max(...[...this.#regions.keys()].map((region) => region.length), 0);
    return [...this.#regions].map(([region, services]) => {
      const parts = [...services].map(([service, state]) => this.#part(service, state));
      return `  ${region.padEnd(width)}  ${parts.join('  ')}`;
    });
  }

  #part(service: string, { status, resources }: ScopeState): string {
    const { color } = this.#screen;
    if (status === 'waiting') return color.dim(`${service} –`);
    if (status === 'running') return color.cyan(`${service} …`);
    if (status === 'complete') return `${color.green('✔')} ${service} ${resources}`;
    return `${color.yellow('!')} ${service} ${status}`;
  }
}

function scopeLine(
  scope: Scope & {
    status: string;
    resources: number;
    duration_ms: number;
    code?: string | undefined;
  },
): string {
  const seconds = (scope.duration_ms / 1000).toFixed(1);
  const outcome =
    scope.status === 'complete'
      ? `${scope.resources} resources`
      : `${scope.status}${scope.code === undefined ? '' : ` (${scope.code})`}, ${scope.resources} resources`;
  return `  ${scope.region} ${scope.service}: ${outcome}, ${seconds} s`;
}
