import ora from 'ora';
import type { Screen } from './screen.ts';

/** Something that goes on, shown in one place on a rich screen and not at all elsewhere. */
export interface StatusLine {
  update: (text: string) => void;
  /** Takes it away. Lines may be written only after it. */
  clear: () => void;
}

/** Starts a status line with a spinner; elsewhere than on a rich screen it does nothing. */
export function startStatusLine(screen: Screen, text: string): StatusLine {
  if (!screen.isRich) return { update: () => {}, clear: () => {} };
  // Left to itself ora would take the keyboard, and Ctrl-C with it.
  const spinner = ora({ text, stream: screen.stream, discardStdin: false }).start();
  return {
    update: (next) => {
      spinner.text = next;
    },
    clear: () => void spinner.stop(),
  };
}
