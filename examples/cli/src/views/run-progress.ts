import type { BuilderEvent } from 'cloudops-request-builder';
import { safe, type Screen } from '../terminal/screen.ts';

/** Shows what happens between a request and the end of a run: retries, steps as they begin and end, output line by line. */
export class RunProgress {
  readonly #screen: Screen;
  #width = 0;

  /** @param stepIds ids of the steps, so that their output lines up */
  constructor(screen: Screen, stepIds: readonly string[] = []) {
    this.#screen = screen;
    this.expect(stepIds);
  }

  /** Tells the ids of the steps once they are known. */
  expect(stepIds: readonly string[]): void {
    this.#width = Math.max(0, ...stepIds.map((id) => id.length));
  }

  /** Takes the events of a builder; pass it as `onEvent`. */
  readonly onEvent = (event: BuilderEvent): void => {
    const { color } = this.#screen;
    switch (event.type) {
      case 'retry_scheduled':
        this.#line(
          '',
          color.yellow(
            `no answer (${event.code}); trying again in ${Math.ceil(event.delay_ms / 100) / 10} s`,
          ),
        );
        break;
      case 'step_started':
        this.#line(
          event.step_id,
          color.cyan(event.attempt > 1 ? `attempt ${event.attempt}` : 'started'),
        );
        break;
      case 'step_output': {
        const text = safe(event.line);
        this.#line(event.step_id, event.stream === 'stderr' ? color.red(text) : text);
        break;
      }
      case 'step_ended': {
        const paint = event.status === 'completed' ? color.green : color.yellow;
        this.#line(event.step_id, paint(event.status));
        break;
      }
      case 'warning':
        this.#line('', color.yellow(`${event.code}: ${safe(event.message)}`));
        break;
      case 'refresh_started':
        this.#line('', `scanning again what changed: ${event.keys.length} resources`);
        break;
      case 'attempt_started':
      case 'run_started':
      case 'run_ended':
        break;
    }
  };

  #line(stepId: string, text: string): void {
    const { color } = this.#screen;
    this.#screen.line(`  ${color.dim(`${stepId.padEnd(this.#width)} │`)} ${text}`);
  }
}
