import type { ScanReport } from 'cloudops-estate-scanner';
import type { DemoReport } from './report.ts';

/** What is not as it should be after a demo, each with what to do; empty where all is well. */
export function problemsOf(
  { mode, resources, searches, playbook }: DemoReport,
  scanStatus: ScanReport['status'],
): string[] {
  const problems: string[] = [];
  // An account of the user's own may well be empty, or denied in part.
  if (mode === 'real') return problems;
  if (scanStatus !== 'complete') {
    problems.push(`The scan was ${scanStatus}: see the errors above.`);
  }
  for (const [type, seeded] of Object.entries(resources.seeded ?? {})) {
    const found = resources.by_type[type] ?? 0;
    if (found !== seeded) problems.push(`${seeded} ${type} were seeded and ${found} found.`);
  }
  for (const { text, results } of searches) {
    if (results.length === 0) problems.push(`Nothing was found for “${text}”.`);
  }
  if (playbook.question !== null) problems.push(`The server asked back: ${playbook.question}`);
  if (playbook.status !== null && playbook.status !== 'completed') {
    problems.push(`The playbook ${playbook.status}: see its output above.`);
  }
  const isStopped = (state: string | null) => state === 'stopped';
  for (const { id, stored, actual } of playbook.changed) {
    if (!isStopped(actual)) problems.push(`${id} should be stopped, and AWS says ${actual}.`);
    if (!isStopped(stored)) problems.push(`${id} should be stopped, and the store says ${stored}.`);
  }
  for (const id of playbook.unexpected) {
    problems.push(`${id} was not in the playbook, and its state changed.`);
  }
  return problems;
}
