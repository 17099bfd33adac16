import type { ScanEvent, ScanEventHandler } from '../events.ts';
import type { ScanReport } from '../report.ts';

/** Where the events of a scan go. */
export interface EventOutlet {
  emit(event: ScanEvent): void;
  /** Resolves when there is room: what produces many events waits for it. */
  ready(): Promise<void>;
}

/** Gives events to a handler; what the handler throws goes to `onError`. */
export function handlerOutlet(
  handler: ScanEventHandler | undefined,
  onError: (error: unknown) => void,
): EventOutlet {
  return {
    emit(event) {
      try {
        // An async handler is a mistake that types do not catch; its rejection must not end the process.
        const returned: unknown = handler?.(event);
        if (returned instanceof Promise) returned.catch(onError);
      } catch (error) {
        onError(error);
      }
    },
    ready: () => Promise.resolve(),
  };
}

/** Runs a scan with a handler. One that fails does not harm the scan; once it has ended, the first failure is in the report. */
export async function reportFailures(
  handler: ScanEventHandler | undefined,
  work: (outlet: EventOutlet) => Promise<ScanReport>,
): Promise<ScanReport> {
  const failures: unknown[] = [];
  const report = await work(handlerOutlet(handler, (error) => failures.push(error)));
  if (failures.length === 0) return report;
  const [first] = failures;
  const message = first instanceof Error ? first.message : String(first);
  return {
    ...report,
    errors: [
      ...report.errors,
      {
        level: 'warning',
        account_id: null,
        region: null,
        service: null,
        code: 'HANDLER_FAILED',
        kind: 'handler',
        message: `onEvent failed ${failures.length} times, first: ${message}`,
      },
    ],
  };
}
