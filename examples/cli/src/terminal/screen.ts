import pc from 'picocolors';

/** A stream of the terminal, as far as the views need it. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** Where a program writes for people: plain lines, and more where the stream is a terminal. */
export interface Screen {
  readonly stream: Output;
  /** Whether escape codes may be written: a terminal with a size, no `NO_COLOR`, not `TERM=dumb`. */
  readonly isRich: boolean;
  /** Columns of the terminal; 120 where there is none. */
  readonly width: number;
  /** Colours, which do nothing where the screen is not rich. */
  readonly color: ReturnType<typeof pc.createColors>;
  /** Writes one line. */
  line: (text?: string) => void;
}

/**
 * A screen on a stream.
 *
 * @param env where `NO_COLOR` (https://no-color.org) and `TERM` are looked up
 */
export function createScreen(stream: Output, env: NodeJS.ProcessEnv = process.env): Screen {
  // A pseudo-terminal that nobody gave a size has no columns; a spinner would erase lines for ever there.
  const hasSize = (stream.columns ?? 0) > 0;
  const isPlain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const isRich = stream.isTTY === true && hasSize && !isPlain;
  return {
    stream,
    isRich,
    width: hasSize ? Math.max(40, stream.columns ?? 0) : 120,
    color: pc.createColors(isRich),
    line: (text = '') => void stream.write(`${text}\n`),
  };
}

/** A screen that shows nothing: for machine-readable output. */
export function silentScreen(): Screen {
  return {
    stream: process.stderr,
    isRich: false,
    width: 120,
    color: pc.createColors(false),
    line: () => {},
  };
}

/** Text from outside as it may be shown: no control characters, no escape codes; tabs become spaces. */
export function safe(text: string): string {
  return text.replaceAll('\t', '  ').replace(/\p{C}/gu, '');
}
