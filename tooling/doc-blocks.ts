import { readFileSync } from 'node:fs';

/** A fenced block of a Markdown file. */
export interface DocBlock {
  /** Path of the Markdown file. */
  file: string;
  /** Line of the opening fence, from 1. */
  line: number;
  /** Word after the opening fence: `ts`, `sh`, `json`, `text`. */
  language: string;
  code: string;
  /** Contents of a `text` block that directly follows a `ts` block: its expected output. */
  output?: string;
}

const FENCE = /^```(\S*)\s*$/;

/** The fenced blocks of a Markdown text, in order. */
export function docBlocksOf(file: string, markdown: string): DocBlock[] {
  const lines = markdown.split('\n');
  const blocks: DocBlock[] = [];
  let previousEnd = -1;
  for (let at = 0; at < lines.length; at += 1) {
    const language = FENCE.exec(lines[at] ?? '')?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    if (end === -1) throw new Error(`${file}:${at + 1}: a fence is never closed`);
    const code = lines.slice(at + 1, end).join('\n');
    const previous = blocks.at(-1);
    const isAdjacent = lines.slice(previousEnd + 1, at).every((line) => line.trim() === '');
    if (language === 'text' && previous?.language === 'ts' && isAdjacent) previous.output = code;
    else blocks.push({ file, line: at + 1, language, code });
    previousEnd = end;
    at = end;
  }
  return blocks;
}

/** Reads the blocks of a file. */
export function docBlocks(file: string, path = file): DocBlock[] {
  return docBlocksOf(file, readFileSync(path, 'utf8'));
}

/** Whether `actual` is what a documented output says; `…` in it stands for any part of a line. */
export function outputMatches(expected: string, actual: string): boolean {
  const wanted = expected.trimEnd().split('\n');
  const got = actual.trimEnd().split('\n');
  if (wanted.length !== got.length) return false;
  return wanted.every((line, index) => {
    const pattern = line
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join('.*');
    return new RegExp(`^${pattern}$`, 'u').test(got[index] ?? '');
  });
}
