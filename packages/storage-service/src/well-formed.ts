/// <reference lib="es2024.string" />

/** Text as every UTF-8 store keeps it: a lone surrogate becomes U+FFFD. */
export function wellFormed(text: string): string {
  return text.toWellFormed();
}
