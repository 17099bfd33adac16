/**
 * Writes messages and resources to a store without pause, and says which were acknowledged, one line each, until it is killed
 * or has written as many as asked: `writer.ts STORE KEY NAME [COUNT]`.
 */
import { writeSync } from 'node:fs';
import { fileKey, StorageService } from 'cloudops-storage-service';
import { resource } from '../../src/testing/fixtures.ts';

const [path = '', key = '', name = '', count = 'Infinity'] = process.argv.slice(2);
const storage = await StorageService.open({
  backend: { kind: 'embedded', path },
  keys: fileKey(key),
});
for (let index = 0; index < Number(count); index += 1) {
  await Promise.all(
    [1, 2, 3].map(async (part) => {
      const message = await storage.chat.append({
        conversation_id: name,
        role: 'user',
        content: `${name} ${index} ${part}`,
      });
      // Synchronous: what was acknowledged must be heard of even if the next instant is the last.
      writeSync(1, `m ${message.id}\n`);
    }),
  );
  const record = resource(`${name}-${index}`);
  await storage.estate.upsert([{ record }]);
  writeSync(1, `r ${record.key}\n`);
}
await storage.close();
