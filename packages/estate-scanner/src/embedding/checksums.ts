import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of the files of the model in this package, by path in its folder; `models/README.md` says where they come from. */
export const shippedFiles: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'onnx/model_quantized.onnx': 'e3b59225bae589e73dc3595c3e47ee5c1cdf7ebe43713ccb55c65b7283dbd50e',
    'tokenizer.json': '71a31309bdd802f1a40845b0aceb02fb4cf6f4b81c712ae33aaff676df227115',
    'tokenizer_config.json': 'a06e070b9c3a30e18153fd1fc584c7ea270c337fda78810416160317f6107797',
    'config.json': '4253f4116f9e7b11cf1f7a863da7355987dccc335ee44195f37328073ef051b3',
  }),
);

/**
 * Reads the files of the model in this package (20 ms). A bit that changed in its weights would be noticed by nobody: the model
 * gives vectors all the same.
 *
 * @param folder that of the model
 * @throws Error where a file is missing or is not the one that was published
 */
export async function checkShippedFiles(folder: string): Promise<void> {
  for (const [file, expected] of shippedFiles) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, file), { highWaterMark: 1 << 20 }), hash);
    if (hash.digest('hex') !== expected) {
      throw new Error(
        `${join(folder, file)} is not the file that was published. Install the package again.`,
      );
    }
  }
}
