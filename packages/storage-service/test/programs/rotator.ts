/** Moves a store to another key file, saying when it has begun: `rotator.ts STORE KEY NEW_KEY`. */
import { writeSync } from 'node:fs';
import { fileKey, StorageService } from 'cloudops-storage-service';

const [path = '', key = '', newKey = ''] = process.argv.slice(2);
const storage = await StorageService.open({
  backend: { kind: 'embedded', path },
  keys: fileKey(key),
});
await storage.rotateKey({
  keys: fileKey(newKey),
  onProgress: ({ resealed }) => writeSync(1, `${resealed}\n`),
});
await storage.close();
