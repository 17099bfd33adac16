/** Whether a pattern such as `ecr get-login*` or `organizations *-account*` fits `service operation`; `*` stands for any text. */
export function matchesOperation(pattern: string, service: string, operation: string): boolean {
  return matchesGlob(pattern, `${service} ${operation}`);
}

/** Whether any of the patterns fits. */
export function matchesAny(
  patterns: Iterable<string>,
  service: string,
  operation: string,
): boolean {
  for (const pattern of patterns) {
    if (matchesOperation(pattern, service, operation)) return true;
  }
  return false;
}

/** `*` stands for any text, everything else for itself. Linear: each piece is looked for once, from the left. */
export function matchesGlob(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces.shift() ?? '';
  const last = pieces.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let position = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return position <= text.length - last.length;
}
