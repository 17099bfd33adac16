import { redactText } from 'cloudops-request-builder';
import { percentiles } from '../measure/percentiles.ts';
import type { Report } from '../measure/report.ts';

const line =
  '{"InstanceId":"i-0123456789abcdef0","Name":"checkout-1","Tags":{"team":"shop","env":"production"},"Note":"restarted on Monday"} ';
const withSecret = `${line}password=correct-horse-battery AKIAIOSFODNN7EXAMPLE postgres://app:sekret@db/x `;

/** One megabyte of each kind of text that makes careless patterns slow. */
const adversarial: Record<string, string> = {
  'begin of a key, again and again': '-----BEGIN '.repeat(95_000),
  'words before an assignment': 'password'.repeat(130_000),
  'slashes and colons': '://:'.repeat(260_000),
  'one long base64 word': 'A'.repeat(1_048_576),
  'dashes of an option': '--token-'.repeat(130_000),
  'quotes and backslashes': String.raw`secret="\\`.repeat(105_000),
};

/** How fast secrets are looked for, beside one pass of one plain pattern. */
export async function benchRedaction(report: Report): Promise<void> {
  const text = (line.repeat(20) + withSecret).repeat(380);
  const megabytes = text.length / 1e6;
  const plain = await percentiles(20, () => text.replaceAll(/AKIA[A-Z2-7]{16}/g, 'x'));
  report.add('one pass of one plain pattern', { 'MB/s': megabytes / (plain.p95 / 1000) });
  const all = await percentiles(20, () => redactText(text, {}));
  report.add(
    'redaction of resources, a secret in every 21st',
    { 'MB/s': megabytes / (all.p95 / 1000) },
    { atLeast: { 'MB/s': 12 } },
  );
  for (const [name, hostile] of Object.entries(adversarial)) {
    const { p95 } = await percentiles(5, () => redactText(hostile, {}));
    report.add(`redaction of 1 MB: ${name}`, { ms: p95 }, { atMost: { ms: 150 } });
  }
}
