// Bundles the command line, which bin/harvgen.js runs, and the library into dist/bin/. Creates files for shared code, and one for each
// command that users often run, which is loaded when the command runs. Includes the required packages and their licenses.
import { readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licenses } from './licenses.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The commands with files of their own: often run, or large. All others share one file, so that the package has few files. */
const SEPARATE = ['build', 'check', 'diff', 'explain', 'set', 'complete', 'lsp'];

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['dist/cli/main.js', 'dist/index.js'],
  // Two directories below the package, like all modules of dist/ and src/ that read files of the package.
  outdir: 'dist/bin',
  entryNames: '[name]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minify: true,
  // For stack traces, by `node --enable-source-maps`. Not in the package, but the same sources produce the same files.
  sourcemap: true,
  sourcesContent: false,
  // Uses the ECMAScript modules: the package's code for Node is CommonJS, which is larger and needs `require`.
  alias: { yaml: fileURLToPath(new URL('browser/index.js', import.meta.resolve('yaml/package.json'))) },
  plugins: [
    { name: 'other commands', setup: joinOtherCommands },
    { name: 'modules of Node', setup: importModulesOfNode },
  ],
  legalComments: 'none',
  metafile: true,
});
writeFileSync(
  join(root, 'dist', 'bin', 'LICENSES.txt'),
  licenses(root, Object.keys(metafile.inputs), (file) => /^(dist\/|[a-z]+:)/.test(file)),
);

function joinOtherCommands({ onLoad, onResolve }) {
  const folder = join(root, 'dist/cli');
  const isOther = (path) => !SEPARATE.includes(/^\.\/([\w-]+)\.js$/.exec(path)?.[1]);
  onResolve({ filter: /^\.\/[\w-]+\.js$/ }, ({ kind, path, importer }) => {
    const isCommand = kind === 'dynamic-import' && importer === join(folder, 'main.js');
    return isCommand && isOther(path) ? { path: 'other-commands', namespace: 'commands' } : undefined;
  });
  onLoad({ filter: /^/, namespace: 'commands' }, () => {
    const main = readFileSync(join(folder, 'main.js'), 'utf8');
    const paths = Array.from(main.matchAll(/import\('([^']+)'\)/g), ([, path]) => path).filter(isOther);
    return { contents: paths.map((path) => `export * from '${path}';`).join('\n'), resolveDir: folder };
  });
}

/** CommonJS requires the modules of Node, but a bundle has no `require`: replaces each by a module that imports it. */
function importModulesOfNode({ onLoad, onResolve }) {
  onResolve({ filter: /^/ }, ({ kind, path }) =>
    kind === 'require-call' && isBuiltin(path) ? { path, namespace: 'node' } : undefined,
  );
  onLoad({ filter: /^/, namespace: 'node' }, ({ path }) => ({
    contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
  }));
}
