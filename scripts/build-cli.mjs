// Bundles the command line into dist/bin/, which bin/harvgen.js runs. Creates one file for shared code, and one for each command,
// which is loaded when the command runs. Includes the required packages and their licenses.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

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
writeFileSync(join(root, 'dist', 'bin', 'LICENSES.txt'), licenses(Object.keys(metafile.inputs)));

/** Returns the licenses of the packages that contain the files. */
function licenses(files) {
  const folders = files.flatMap((file) => {
    if (file.startsWith('dist/')) return [];
    const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? [];
    if (!folder) throw new Error(`${file} does not belong to a package with a license`);
    return folder;
  });
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one));
      if (!file) throw new Error(`${folder} has no license`);
      return `${name} ${version}\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
