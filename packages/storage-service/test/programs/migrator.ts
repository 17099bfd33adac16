/** Copies one store into another, saying how far it has come: `migrator.ts FROM TO KEY`. */
import { writeSync } from 'node:fs';
import { fileKey, StorageService } from 'cloudops-storage-service';

const [from = '', to = '', key = ''] = process.argv.slice(2);
const open = (path: string) =>
  StorageService.open({ backend: { kind: 'embedded', path }, keys: fileKey(key) });
const [source, target] = [await open(from), await open(to)];
await source.migrateTo(target, {
  onProgress: ({ messages, resources }) => {
    writeSync(1, `${messages + resources}\n`);
  },
});
await source.close();
await target.close();
