import { defineConfig, type Options } from 'tsup';

/** What a package is built from: entry name in `dist` → source file. */
export interface PackageEntries {
  /** Public entries, built as ESM and CJS with declarations. */
  entries: Record<string, string>;
  /** Worker threads and child programs: ESM only, also under a CJS host, flat beside the entries that start them. */
  workers?: Record<string, string>;
  /** Modules left out of the bundle besides the dependencies. */
  external?: string[];
}

const common: Options = {
  platform: 'node',
  target: 'node22.18',
  // `node:sqlite` has no name without its prefix.
  removeNodeProtocol: false,
  sourcemap: true,
  splitting: true,
  clean: false,
  silent: true,
  outDir: 'dist',
};

/**
 * The tsup configuration of a published package: ESM, CJS and workers.
 *
 * CJS gets its own `import.meta.url`; tsup's shims break in folders whose name has `#`, `?` or `%`.
 */
export function packageConfig({ entries, workers = {}, external = [] }: PackageEntries) {
  const configs: Options[] = [
    { ...common, entry: entries, format: 'esm', dts: true, external },
    {
      ...common,
      entry: entries,
      format: 'cjs',
      dts: true,
      external,
      banner: {
        js: "const __import_meta_url = require('node:url').pathToFileURL(__filename).href;",
      },
      esbuildOptions(options) {
        options.define = { ...options.define, 'import.meta.url': '__import_meta_url' };
      },
    },
  ];
  if (Object.keys(workers).length > 0) {
    configs.push({ ...common, entry: workers, format: 'esm', dts: false, external });
  }
  return defineConfig(configs);
}
