/** Backs a store up, saying each chunk that is written: `backup-runner.ts STORE KEY FOLDER`. */
import { writeSync } from 'node:fs';
import { fileKey, StorageService } from 'cloudops-storage-service';

const [path = '', key = '', folder = ''] = process.argv.slice(2);
const storage = await StorageService.open({
  backend: { kind: 'embedded', path },
  keys: fileKey(key),
  backup: { target: { kind: 'folder', path: folder } },
});
await storage.backups.run({ onProgress: ({ bytes }) => writeSync(1, `${bytes}\n`) });
await storage.close();
