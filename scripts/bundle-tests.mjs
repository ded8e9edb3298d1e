// Bundles test files with esbuild into .tests/, once for all processes that run them: a process then starts four times as fast as with
// tsx. Each TypeScript file keeps the URL of its source.
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OUT = '.tests';

/** Bundles test files, by their paths below the root; returns the path of the bundle of each. Throws if one cannot be compiled. */
export async function bundleTests(files) {
  rmSync(join(root, OUT), { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: files,
    outdir: OUT,
    outbase: '.',
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    keepNames: true,
    logLevel: 'error',
    plugins: [{ name: 'tests', setup: forTests }],
  });
  return files.map((file) => join(OUT, file.replace(/\.ts$/, '.js')));
}

function forTests({ onLoad, onResolve }) {
  const uvu = join(root, 'scripts/uvu.mjs');
  onResolve({ filter: /^uvu$/ }, ({ importer }) => (importer === uvu ? undefined : { path: uvu }));
  onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path }) => {
    const contents = readFileSync(path, 'utf8')
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
    return { contents, loader: 'ts' };
  });
}
