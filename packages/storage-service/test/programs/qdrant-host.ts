/** Opens storage on a Qdrant of its own, says so, and stays: `qdrant-host.ts BINARY FOLDER`. */
import { noEncryption, StorageService } from 'cloudops-storage-service';

const [binary = '', storagePath = ''] = process.argv.slice(2);
await StorageService.open({
  backend: { kind: 'qdrant', spawn: { binary, storagePath } },
  keys: noEncryption(),
});
process.stdout.write('open\n');
setInterval(() => {}, 1000);
