// Bundles the command line into dist/bin/, which bin/harvgen.js runs: one file for what all commands share, and one for each that is
// loaded when it runs; with the packages that it needs, and their licences.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['dist/cli/main.js'],
  // Two folders below the package, as all modules of dist/ and src/ are that ask for its files.
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Names stay, for those who read a stack. Without blanks there is less to read at every start.
  minifyWhitespace: true,
  minifySyntax: true,
  // As ECMAScript modules: what the package has for Node is CommonJS, which is larger and would need a `require`.
  alias: { yaml: fileURLToPath(new URL('browser/index.js', import.meta.resolve('yaml/package.json'))) },
  // It is CommonJS, and loaded for a glob that the shell has left to harvgen: as it is installed.
  external: ['fast-glob'],
  legalComments: 'none',
  metafile: true,
});
writeFileSync(join(root, 'dist', 'bin', 'LICENSES.txt'), licences(Object.keys(metafile.inputs)));

/** The licences of the packages that files are of. */
function licences(files) {
  const folders = files.flatMap((file) => {
    if (file.startsWith('dist/')) return [];
    const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? [];
    if (!folder) throw new Error(`${file} is of no package whose licence could go with it`);
    return folder;
  });
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one));
      if (!file) throw new Error(`${folder} has no licence to go with it`);
      return `${name} ${version}\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
