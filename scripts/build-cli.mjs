// Bundles the command line into dist/bin/, which bin/harvgen.js runs. Creates one file for shared code, and one for each command,
// which is loaded when the command runs. Includes the required packages and their licenses.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licenses } from './licenses.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['dist/cli/main.js'],
  // Two directories below the package, like all modules of dist/ and src/ that read files of the package.
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Keeps names, for stack traces. Removing whitespace makes every start faster.
  minifyWhitespace: true,
  minifySyntax: true,
  // Uses the ECMAScript modules: the package's code for Node is CommonJS, which is larger and needs `require`.
  alias: { yaml: fileURLToPath(new URL('browser/index.js', import.meta.resolve('yaml/package.json'))) },
  // CommonJS, and loaded only for a glob that the shell has not expanded, and for `harvgen lsp`: used as installed.
  external: ['fast-glob', 'vscode-languageserver', 'vscode-languageserver-textdocument'],
  legalComments: 'none',
  metafile: true,
});
writeFileSync(
  join(root, 'dist', 'bin', 'LICENSES.txt'),
  licenses(root, Object.keys(metafile.inputs), (file) => file.startsWith('dist/')),
);
